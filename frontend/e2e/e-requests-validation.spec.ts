import { randomUUID } from "node:crypto";
import type { APIRequestContext, Page } from "@playwright/test";
import { ADMIN, apiAs, Desk, ok, someCsv, tile } from "./desk";
import { type Account, expect, signIn, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

const RUN = randomUUID().slice(0, 6);
const LEADS = `Leads ${RUN}`;
const MEMBERS = `Members ${RUN}`;
const PRIZES = `Prizes ${RUN}`;
const PHONE = { width: 360, height: 780 };
const LOOKS: Look[] = [
  { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" },
  { name: "phone dark id", ...PHONE, theme: "dark", language: "id" },
  { name: "wide dark id", width: 1440, height: 900, theme: "dark", language: "id" },
  { name: "phone light en", ...PHONE, theme: "light", language: "en" },
];

type Held = { id: string; customer_id: string };

let desk: Desk;
let ana: Account & { id: string };
let budi: Account & { id: string };
let leads = "";

test.setTimeout(240_000);

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  const product = await desk.product(`Product Echo ${RUN}`);
  ana = await desk.staff(`Ana ${RUN}`, `ana-${RUN}@example.com`);
  budi = await desk.staff(`Budi ${RUN}`, `budi-${RUN}@example.com`);
  leads = await desk.database("/api/databases", product, LEADS, someCsv(260, "lead"));
  const members = await desk.database("/api/memberwd/upload", product, MEMBERS, someCsv(60, "member"));
  const prizes = await desk.database("/api/bonanza/upload", product, PRIZES, someCsv(40, "prize"));
  await desk.assignRandom("memberwd", members, ana.id, 10);
  await desk.assignRandom("bonanza", prizes, budi.id, 12);
});
test.afterAll(() => desk?.close());

/** Rejects the first records that somebody holds, as their desk does; answers what the server made of it. */
async function reject(api: APIRequestContext, count: number, reason: string) {
  const held: Held[] = await (
    await ok(await api.get("/api/my/records", { params: { limit: count } }))
  ).json();
  const data = { record_ids: held.map(({ id }) => id), is_valid: false, reason };
  const answer = await (await ok(await api.post("/api/my/validate", { data }))).json();
  return { held, answer };
}

const bar = (page: Page) => page.getByRole("region", { name: "Selected rows" });

async function selectPage(page: Page): Promise<void> {
  await page.getByRole("checkbox", { name: "Select all rows of this page" }).click();
}

test("with auto-replace on, three rejected records are three new ones at once", async ({
  cleanPage: page,
  browser,
  baseURL,
}) => {
  await signIn(page, ADMIN);
  await page.goto("/admin/settings");
  const rules = page.getByRole("form", { name: "Member WD" });
  const before = await rules.getByRole("switch").getAttribute("aria-checked");
  expect(before).toBe("false");
  await rules.getByRole("switch").click();
  await rules.getByLabel("At most per batch").fill("5");
  await rules.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved")).toBeVisible();

  const wide: Look = { name: "staff", width: 1440, height: 900, theme: "light", language: "en" };
  const staff = await openAs(browser, baseURL ?? "", ana, wide);
  await staff.goto("/customers");
  const customers = staff.getByTestId("customer");
  await expect(customers).toHaveCount(10);

  const rejected = (await customers.allInnerTexts()).slice(0, 3);
  for (const name of rejected) {
    const row = staff.getByTestId("row").filter({ hasText: name });
    await row.getByRole("button", { name: "Invalid" }).click();
    await staff.getByRole("dialog").getByRole("button", { name: "Wrong number" }).click();
    // In its place, without a reload, stands the one that came for it.
    await expect(row).toHaveCount(0);
  }
  await expect(customers).toHaveCount(10);
  await staff.reload();
  await expect(customers).toHaveCount(10);
  for (const name of rejected) await expect(staff.getByText(name, { exact: true })).toHaveCount(0);
  await staff.context().close();

  await page.goto("/validation?tab=archive&module=memberwd");
  for (const name of rejected) {
    const row = page.getByRole("row", { name: new RegExp(name) });
    await expect(row).toContainText("Wrong number");
    await expect(row).not.toContainText("Not replaced");
  }
});

test("five rejected records of a staff are replaced by the admin, from the inbox on", async ({
  cleanPage: page,
  baseURL,
}) => {
  const api = await apiAs(baseURL ?? "", budi);
  const { held, answer } = await reject(api, 7, "not_on_whatsapp");
  expect(answer).toMatchObject({ auto_replaced: 0 });

  await signIn(page, ADMIN);
  await page.goto("/inbox");
  await page
    .getByRole("link", { name: new RegExp(`Budi ${RUN} rejected`) })
    .first()
    .click();
  await expect(page.getByRole("heading", { name: `Budi ${RUN}` })).toBeVisible();
  await expect(page.getByTestId("customer")).toHaveCount(7);

  await test.step("one goes back to the staff", async () => {
    await page.getByTestId("row").first().getByRole("checkbox").click();
    await bar(page).getByRole("button", { name: "Return to staff" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Return 1 record" }).click();
    await expect(page.getByText("1 record returned")).toBeVisible();
    await expect(page.getByTestId("customer")).toHaveCount(6);
  });

  await test.step("five are archived and replaced", async () => {
    for (let index = 0; index < 5; index += 1) {
      await page.getByTestId("row").nth(index).getByRole("checkbox").click();
    }
    await bar(page).getByRole("button", { name: "Replace" }).click();
    const sheet = page.getByRole("dialog", { name: "Archive 5 rejected records" });
    await expect(sheet.getByLabel("How many to replace")).toHaveValue("5");
    await sheet.getByRole("button", { name: "Archive, replace 5" }).click();
    await expect(page.getByText("5 archived, 5 new ones dealt")).toBeVisible();
    await expect(page.getByTestId("customer")).toHaveCount(1);
  });

  const now: Held[] = await (await ok(await api.get("/api/my/records"))).json();
  expect(now).toHaveLength(12);
  const before = new Set(held.map(({ id }) => id));
  // The returned one and the one still rejected are those of before that are left.
  expect(now.filter(({ id }) => before.has(id))).toHaveLength(2);
  await api.dispose();

  await test.step("and one comes back from the archive", async () => {
    await page.goto("/validation?tab=archive&module=bonanza");
    await page.getByTestId("row").first().getByRole("checkbox").click();
    await bar(page).getByRole("button", { name: "Restore" }).click();
    await expect(page.getByText("1 record restored")).toBeVisible();
    await expect(page.getByTestId("row")).toHaveCount(4);
  });
});

test("a staff asks for 20 on a phone, the admin approves in bulk", async ({
  cleanPage: page,
  browser,
  baseURL,
}) => {
  const phone = await openAs(browser, baseURL ?? "", ana, { ...(LOOKS[1] as Look), theme: "light" });
  await phone.goto("/requests");
  await phone.getByRole("button", { name: "Minta data" }).first().click();
  const sheet = phone.getByRole("dialog", { name: "Minta data" });
  await sheet.getByLabel("Berapa banyak").fill("20");
  await sheet.getByRole("radio", { name: new RegExp(LEADS) }).click();
  await expect(sheet).toContainText("Admin yang memutuskan");
  await sheet.getByRole("button", { name: "Minta 20 data" }).click();
  await expect(phone.getByText("20 data diminta; menunggu keputusan admin")).toBeVisible();
  await expect(phone.getByTestId("row").first()).toContainText("Menunggu");

  const other = await apiAs(baseURL ?? "", budi);
  const data = { database_id: leads, record_count: 15 };
  await ok(await other.post("/api/download-requests", { data }));
  await other.dispose();

  await signIn(page, ADMIN);
  await page.goto(`/requests?database_id=${leads}`);
  await expect(page.getByTestId("row")).toHaveCount(2);
  await selectPage(page);
  await bar(page).getByRole("button", { name: "Approve" }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toContainText("35 records go to 2 staff");
  await dialog.getByRole("button", { name: "Approve 2 requests" }).click();
  await expect(page.getByText("2 requests approved")).toBeVisible();
  await expect(page.getByText("Nothing matches")).toBeVisible();

  // Told without a reload, and one press from the records.
  await expect(phone.getByTestId("row").first()).toContainText("Disetujui");
  await phone.getByTestId("row").first().click();
  await phone.getByRole("link", { name: "Buka batch" }).click();
  await expect(phone.getByTestId("customer")).toHaveCount(20);
  await phone.context().close();

  await page.goto(`/databases/${leads}?tab=requests`);
  await expect(page.getByTestId("row")).toHaveCount(2);
  await page.getByLabel("Auto-approval").selectOption("never");
  await page.reload();
  await expect(page.getByLabel("Auto-approval")).toHaveValue("never");
});

test("a recall of 100 and its undo; a hand-over and its undo", async ({ cleanPage: page }) => {
  await desk.assignRandom("normal", leads, ana.id, 120);
  await signIn(page, ADMIN);
  await page.goto(`/databases/${leads}?status=assigned&assigned_to=${ana.id}`);
  await expect(page.getByTestId("customer")).toHaveCount(50);
  const held = Number((await tile(page, "Assigned").innerText()).replace(/\D/g, ""));

  await selectPage(page);
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByText(/^51–100 of/)).toBeVisible();
  await selectPage(page);
  await expect(bar(page)).toContainText("100 selected");
  await bar(page).getByRole("button", { name: "Recall" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Recall 100 records" }).click();
  await expect(page.getByText("100 records recalled")).toBeVisible();
  await expect(tile(page, "Assigned")).toContainText(String(held - 100));
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("100 records put back")).toBeVisible();
  await expect(tile(page, "Assigned")).toContainText(String(held));

  await page.goto(`/databases/${leads}?status=assigned&assigned_to=${ana.id}`);
  await page.getByTestId("row").first().getByRole("checkbox").click();
  await page.getByTestId("row").nth(1).getByRole("checkbox").click();
  await bar(page).getByRole("button", { name: "Hand over" }).click();
  const sheet = page.getByRole("dialog", { name: "Hand over 2 records" });
  await expect(sheet.getByRole("radio", { name: `Ana ${RUN}` })).toHaveCount(0);
  await sheet.getByRole("radio", { name: `Budi ${RUN}` }).click();
  await sheet.getByRole("button", { name: `Hand over to Budi ${RUN}` }).click();
  await expect(page.getByText(`2 records handed over to Budi ${RUN}`)).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("2 records put back")).toBeVisible();
});

for (const look of LOOKS) {
  test(`requests and validation, ${look.name}`, async ({ browser, baseURL }, info) => {
    const api = await apiAs(baseURL ?? "", budi);
    await reject(api, 2, "duplicate");
    await ok(await api.post("/api/download-requests", { data: { database_id: leads, record_count: 3 } }));
    await api.dispose();
    const page = await openAs(browser, baseURL ?? "", ADMIN, look);
    const pages: Record<string, string> = {
      queue: "/requests",
      decided: "/requests?tab=all",
      validation: "/validation",
      rejected: `/validation?group=bonanza:${budi.id}`,
      archive: "/validation?tab=archive",
      settings: "/admin/settings",
      "of-database": `/databases/${leads}?tab=requests`,
      inbox: "/inbox",
    };
    for (const [name, url] of Object.entries(pages)) {
      await page.goto(url);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await inspect(page, name, look, info);
    }
    await page.goto(`/validation?group=bonanza:${budi.id}`);
    await page.getByTestId("row").first().getByRole("checkbox").click();
    await inspect(page, "bulk", look, info);
    await page.locator("[data-testid=row]").first().click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await inspect(page, "record", look, info);
    await page.context().close();

    const staff = await openAs(browser, baseURL ?? "", budi, look);
    for (const url of ["/requests", "/requests?panel=ask"]) {
      await staff.goto(url);
      await expect(staff.getByTestId("row").first()).toBeAttached();
      await inspect(staff, url.includes("panel") ? "ask" : "own", look, info);
    }
    await staff.goto("/validation");
    await expect(staff.getByText("403")).toBeVisible();
    await staff.context().close();
  });
}
