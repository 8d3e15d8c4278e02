import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { APIRequestContext, Browser, Page } from "@playwright/test";
import { ADMIN, apiAs, Desk, ok, people, someCsv } from "./desk";
import { csvFile } from "./files";
import { type Account, expect, test } from "./fixtures";
import { type Look, openAs } from "./looks";
import { keepPicture } from "./pictures";

/**
 * The walk through docs/guides: each page shows what the guide tells. With GUIDE_PICTURES (`make guide-pictures`) the desk
 * is the demo's, and each page is kept as the picture that the guide shows.
 */
const PICTURES = process.env.GUIDE_PICTURES ? join(import.meta.dirname, "../../docs/images/guides") : "";
const LARGEST = 120_000;
const PHONE = { width: 390, height: 760, scale: 1 };
const DESK = { width: 1280, height: 800, scale: 0.8 };
// A second try prepares everything anew.
const RUN = randomUUID().slice(0, 6);

type Language = "en" | "id";
type Shown = { page: Page; language: Language; word: (key: string) => string };
type Stop = { picture: string; go: (shown: Shown) => Promise<void>; shows: string[] };

/** The text of the web app behind "<file>:<key>". */
function wordIn(language: Language, key: string): string {
  const [file = "", path = ""] = key.split(":");
  let found: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, `../src/i18n/${language}/${file}.json`), "utf8"),
  );
  for (const part of path.split(".")) found = (found as Record<string, unknown>)[part];
  if (typeof found !== "string") throw new Error(`no text ${key} in ${language}`);
  return found;
}

const visit =
  (path: string): Stop["go"] =>
  async ({ page }) => {
    await page.goto(path);
  };

/** What the walk needs: somebody of each kind, and one of everything that waits. */
type Place = { staff: Account; database: string; product: string; receivers: string[] };

async function demoPlace(desk: Desk): Promise<Place> {
  const [database] = (await desk.databases("memberwd")).filter(({ name }) => name === "Members west");
  if (!database) throw new Error("this is not the demo's desk");
  const staff = { email: "sinta@example.com", password: ADMIN.password };
  const receivers = ["Sinta Prakoso", "Lina Kurniasih", "Mega Anjarsari"];
  return { staff, database: database.id, product: "Product A", receivers };
}

async function ownPlace(desk: Desk, baseURL: string): Promise<Place> {
  const product = `Product of the guides ${RUN}`;
  const productId = await desk.product(product);
  const name = `Gita ${RUN}`;
  const staff = await desk.staff(name, `gita-${RUN}@example.com`);
  const database = await desk.database("/api/memberwd/upload", productId, "Guides", someCsv(30, "guide"));
  await desk.assignRandom("memberwd", database, staff.id, 6);
  const normal = await desk.database("/api/databases", productId, "To ask for", someCsv(9, "asked"));

  const admin = await apiAs(baseURL, ADMIN);
  const gita = await apiAs(baseURL, staff);
  const post = async (api: APIRequestContext, path: string, data: object) =>
    (await ok(await api.post(path, { data }))).json();
  // Every request for this database waits, whatever other journeys have set for the desk.
  await ok(await admin.put(`/api/databases/${normal}/auto-approve/set?auto_approve=false`));
  await post(gita, "/api/download-requests", { database_id: normal, record_count: 3 });
  const { id: owner } = await (await ok(await admin.get("/api/auth/me"))).json();
  const customer = { customer_id: `guided-${RUN}`, product_id: productId };
  await post(admin, "/api/reserved-members", { ...customer, staff_id: owner });
  const { today } = await (await ok(await admin.get("/api/server-time"))).json();
  await post(gita, "/api/omset", { ...customer, record_date: today, nominal: 50_000 });
  const [first, second] = await (await ok(await gita.get("/api/memberwd/staff/records"))).json();
  await post(gita, "/api/memberwd/staff/validate", {
    record_ids: [first.id],
    is_valid: false,
    reason: "wrong_number",
  });
  const marks = { whatsapp_status: "ada", respond_status: "ya" };
  await ok(await gita.patch(`/api/records/${second.id}`, { data: marks }));
  await Promise.all([admin.dispose(), gita.dispose()]);
  return { staff, database, product, receivers: [name] };
}

const STAFF_STOPS: Stop[] = [
  { picture: "staff-today", go: visit("/"), shows: ["today:own_open", "today:own_received"] },
  {
    picture: "staff-customers",
    go: visit("/customers"),
    shows: [
      "customers:request_more",
      "customers:whatsapp.ada",
      "customers:respond.ya",
      "customers:verdict.validated",
    ],
  },
  {
    picture: "staff-customer",
    go: async ({ page }) => {
      await page.goto("/customers");
      await page.getByTestId("customer").first().click();
      await expect(page.getByRole("dialog")).toBeVisible();
    },
    shows: ["customers:page.open", "customers:notes.title", "customers:timeline.title", "customers:cells"],
  },
  {
    picture: "staff-request",
    go: async ({ page, word }) => {
      await page.goto("/requests");
      await page
        .getByRole("button", { name: word("requests:ask.open") })
        .first()
        .click();
      await expect(page.getByRole("dialog").getByLabel(word("requests:ask.count"))).toBeVisible();
    },
    shows: ["requests:ask.count", "requests:ask.database"],
  },
  {
    picture: "staff-follow-ups",
    go: visit("/follow-ups"),
    shows: ["followups:urgency.critical", "followups:state.lost"],
  },
  {
    picture: "staff-deposits",
    go: async ({ page, word }) => {
      await page.goto("/omset");
      await page.getByLabel(word("deposits:customer"), { exact: true }).fill("ana.k88");
      await page.getByLabel(word("deposits:nominal"), { exact: true }).fill("250000");
      await expect(page.getByTestId("preview")).toContainText(word("deposits:why.first_day"));
    },
    shows: ["deposits:entry.book", "deposits:paste.open", "deposits:tabs.ledger"],
  },
  { picture: "staff-retention", go: visit("/retention?tab=at_risk"), shows: ["retention:tabs.lost"] },
  {
    picture: "staff-progress",
    go: visit("/team"),
    shows: ["performance:projected", "performance:success_days"],
  },
];

/** A file as people have them: some rows twice, some empty, some that name nobody. */
function leads() {
  const rows = people(1_000, PICTURES ? "lead" : "guidelead");
  const blank = ["", "", "", "", ""];
  return csvFile("leads-march.csv", [
    ...rows,
    ...rows.slice(1, 25),
    blank,
    blank,
    ["", "Nobody", "0812", "", ""],
  ]);
}

const adminStops = ({ database, product, receivers }: Place): Stop[] => [
  {
    picture: "admin-today",
    go: visit("/"),
    shows: ["today:waiting_requests", "today:turnover_today", "today:imports_running"],
  },
  {
    picture: "admin-import",
    go: async ({ page, word }) => {
      await page.goto("/imports/new?module=memberwd");
      await page.getByLabel(word("imports:product")).selectOption({ label: product });
      await page.locator('input[type="file"]').setInputFiles(leads());
      await page.getByRole("button", { name: word("imports:upload") }).click();
      await page.getByRole("button", { name: word("imports:to_report") }).click();
      await expect(page.getByTestId("eq-stored")).toBeVisible();
    },
    shows: ["imports:report.blank", "imports:report.duplicates_in_file", "imports:database_name"],
  },
  {
    picture: "admin-assign",
    go: async ({ page, word }) => {
      await page.goto(`/member-wd/${database}?panel=assign`);
      const sheet = page.getByRole("dialog", { name: word("pools:assign.title") });
      await sheet.getByLabel(word("pools:assign.quantity")).fill(PICTURES ? "50" : "5");
      for (const receiver of receivers) await sheet.getByLabel(receiver).check();
      await expect(sheet.getByText(word("pools:assign.plan"))).toBeVisible();
    },
    shows: ["pools:assign.quantity", "pools:assign.staff", "pools:assign.plan"],
  },
  {
    picture: "admin-requests",
    go: visit("/requests"),
    shows: ["requests:review.approve", "requests:review.reject"],
  },
  {
    picture: "admin-validation",
    go: async ({ page, word }) => {
      await page.goto("/validation");
      await page
        .getByRole("cell", { name: word("pools:memberwd.title") })
        .first()
        .click();
    },
    shows: ["validation:process.all"],
  },
  {
    picture: "admin-reserved",
    go: visit("/reserved"),
    shows: ["reservations:bulk.open", "reservations:conflicts.title", "reservations:grace.tab"],
  },
  {
    picture: "admin-deposits",
    go: visit("/omset/review"),
    shows: ["deposits:do.approve", "deposits:review.duplicates", "deposits:review.trash"],
  },
  {
    picture: "admin-analytics",
    go: visit("/analytics"),
    shows: ["analytics:tabs.work", "analytics:tabs.deposits"],
  },
  {
    picture: "admin-health",
    go: visit("/admin/health"),
    shows: ["health:check_now", "health:tabs.monitoring"],
  },
];

async function walk(
  browser: Browser,
  baseURL: string,
  who: { account: Account; width: number; height: number; scale: number; language: Language },
  stops: Stop[],
): Promise<void> {
  const { account, language, ...size } = who;
  const look: Look = { name: `guide ${language}`, ...size, theme: "light", language };
  const page = await openAs(browser, baseURL, account, look);
  const word = (key: string) => wordIn(language, key);
  for (const { picture, go, shows } of stops) {
    await test.step(`${picture}.${language}`, async () => {
      await go({ page, language, word });
      for (const key of shows)
        await expect
          .soft(page.locator("body"))
          .toContainText(word(key), { useInnerText: true, ignoreCase: true });
      if (!PICTURES) return;
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      const path = join(PICTURES, `${picture}.${language}.png`);
      await keepPicture(page, path);
      expect.soft((await stat(path)).size, `${picture} is worth loading`).toBeLessThanOrEqual(LARGEST);
    });
  }
  await page.context().close();
}

test("the guides tell what the pages show", async ({ browser, baseURL: address }) => {
  const baseURL = address ?? "";
  test.setTimeout(PICTURES ? 300_000 : 180_000);
  const desk = await Desk.open(baseURL);
  const place = PICTURES ? await demoPlace(desk) : await ownPlace(desk, baseURL);
  await desk.close();
  // The words of the other language are proved without a browser (backend/tests/architecture/test_guides.py).
  const languages: Language[] = ["en", "id"];
  for (const language of PICTURES ? languages : languages.slice(1))
    await walk(browser, baseURL, { account: place.staff, ...PHONE, language }, STAFF_STOPS);
  for (const language of PICTURES ? languages : languages.slice(0, 1))
    await walk(browser, baseURL, { account: ADMIN, ...DESK, language }, adminStops(place));
});
