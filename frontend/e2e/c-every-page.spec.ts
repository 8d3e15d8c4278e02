import { randomUUID } from "node:crypto";
import { ADMIN, Desk, someCsv } from "./desk";
import { type Account, expect, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

type Seen = Look & { every: boolean };

/** Every page is seen at each size, in each theme and in each language; the main ones in all four looks. */
const DESKTOP: Seen = {
  name: "wide light en",
  width: 1440,
  height: 900,
  theme: "light",
  language: "en",
  every: true,
};
const PHONE: Seen = {
  name: "phone dark id",
  width: 390,
  height: 844,
  theme: "dark",
  language: "id",
  every: true,
};
const LOOKS: Seen[] = [
  DESKTOP,
  { ...DESKTOP, name: "wide dark id", theme: "dark", language: "id", every: false },
  { ...PHONE, name: "phone light en", theme: "light", language: "en", every: false },
  PHONE,
];

// A worker that starts anew after a failure prepares everything anew.
const RUN = randomUUID().slice(0, 6);
const PRODUCT = `Product Delta ${RUN}`;

test.setTimeout(240_000);

let desk: Desk;
let databaseId = "";
let staff: Account;

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  const product = await desk.product(PRODUCT);
  const person = await desk.staff("Staff Delta", `delta-${RUN}@example.com`);
  staff = person;
  databaseId = await desk.database("/api/memberwd/upload", product, "Look at me", someCsv(70, "look"));
  await desk.assignRandom("memberwd", databaseId, person.id, 20);
});
test.afterAll(() => desk?.close());

for (const look of LOOKS) {
  test(`${look.every ? "every page" : "the main pages"}, ${look.name}`, async ({
    browser,
    baseURL,
  }, info) => {
    const page = await openAs(browser, baseURL ?? "", ADMIN, look);
    const main: Record<string, string> = {
      today: "/",
      assignments: "/customers",
      "member-wd": "/member-wd",
      database: `/member-wd/${databaseId}`,
      assign: `/member-wd/${databaseId}?panel=assign`,
      upload: "/imports/new?module=memberwd",
    };
    const others: Record<string, string> = {
      inbox: "/inbox",
      databases: "/databases",
      bonanza: "/bonanza",
      uploads: "/member-wd?tab=imports",
      trash: "/member-wd?tab=trash",
      edit: `/member-wd/${databaseId}?panel=edit`,
      quality: `/member-wd/${databaseId}?tab=quality`,
      activity: `/member-wd/${databaseId}?tab=activity`,
      requests: "/requests",
      validation: "/validation",
      archive: "/validation?tab=archive",
      settings: "/admin/settings",
      users: "/admin/users",
      products: "/admin/products",
      audit: "/admin/audit",
      exports: "/exports",
      retention: "/retention",
      "follow-ups": "/follow-ups",
      profile: "/profile",
      missing: "/no/such/page",
    };
    const pages = look.every ? { ...main, ...others } : main;
    for (const [name, url] of Object.entries(pages)) {
      await page.goto(url);
      await expect(page.getByRole("heading", { level: 1 }).or(page.getByRole("dialog"))).toBeVisible();
      await inspect(page, name, look, info);
    }
    const language = await page.evaluate(() => document.documentElement.lang);
    expect(language).toBe(look.language);
    await page.context().close();

    const phone = await openAs(browser, baseURL ?? "", staff, look);
    await phone.goto("/customers");
    await expect(phone.getByTestId("row").first()).toBeVisible();
    await inspect(phone, "my-customers", look, info);
    await phone.getByTestId("customer").first().click();
    await expect(phone.getByRole("dialog")).toBeVisible();
    await inspect(phone, "my-customer", look, info);
    await phone.goto("/databases");
    await expect(phone.getByText("403")).toBeVisible();
    await phone.context().close();
  });
}

test("the import wizard, wide and narrow", async ({ browser, baseURL }, info) => {
  for (const look of [DESKTOP, PHONE]) {
    const page = await openAs(browser, baseURL ?? "", ADMIN, { ...look, language: "en" });
    await page.goto("/imports/new?module=bonanza");
    await page.getByLabel("Product").selectOption({ label: PRODUCT });
    await page.locator('input[type="file"]').setInputFiles(someCsv(55, `wizard${look.width}`));
    await page.getByRole("button", { name: "Upload and check" }).click();
    await expect(page.getByRole("button", { name: "See the report" })).toBeEnabled();
    await inspect(page, `mapping-${look.width}`, look, info);
    await page.getByRole("button", { name: "See the report" }).click();
    await expect(page.getByTestId("eq-stored")).toBeVisible();
    await inspect(page, `report-${look.width}`, look, info);
    await page.getByRole("button", { name: "Import 55 rows" }).click();
    await expect(page.getByText("55 records stored")).toBeVisible();
    await inspect(page, `result-${look.width}`, look, info);
    await page.context().close();
  }
});

test("the line of a staging desk stays in sight, and hides nothing that stays too", async ({
  browser,
  baseURL,
}) => {
  const page = await openAs(browser, baseURL ?? "", ADMIN, DESKTOP);
  await page.route("**/api/server-time", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), instance: "staging" } });
  });
  await page.goto(`/member-wd/${databaseId}?tab=records`);
  const line = page.getByRole("note");
  for (const look of [DESKTOP, PHONE]) {
    await page.setViewportSize(look);
    await expect(page.getByTestId("row").first()).toBeVisible();
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(200);
    await expect(line).toBeInViewport({ ratio: 1 });
    const { top, bottom } = await line.evaluate((place) => place.getBoundingClientRect());
    expect(top).toBe(0);
    const header = () => page.getByRole("banner").evaluate((place) => place.getBoundingClientRect().top);
    await expect.poll(header).toBeCloseTo(bottom, 0);
  }
  await page.context().close();
});
