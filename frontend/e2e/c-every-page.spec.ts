import { randomUUID } from "node:crypto";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page, TestInfo } from "@playwright/test";
import { ADMIN, Desk, someCsv } from "./desk";
import { type Account, expect, signIn, test } from "./fixtures";

type Look = {
  name: string;
  width: number;
  height: number;
  theme: "light" | "dark";
  language: "en" | "id";
  every: boolean;
};

/** Every page is seen at each size, in each theme and in each language; the main ones in all four looks. */
const DESKTOP: Look = {
  name: "wide light en",
  width: 1440,
  height: 900,
  theme: "light",
  language: "en",
  every: true,
};
const PHONE: Look = {
  name: "phone dark id",
  width: 390,
  height: 844,
  theme: "dark",
  language: "id",
  every: true,
};
const LOOKS: Look[] = [
  DESKTOP,
  { ...DESKTOP, name: "wide dark id", theme: "dark", language: "id", every: false },
  { ...PHONE, name: "phone light en", theme: "light", language: "en", every: false },
  PHONE,
];

// A worker that starts anew after a failure prepares everything anew.
const RUN = randomUUID().slice(0, 6);
const PRODUCT = `Product Delta ${RUN}`;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

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

async function openAs(browser: Browser, baseURL: string, account: Account, look: Look): Promise<Page> {
  const context = await browser.newContext({
    baseURL,
    viewport: { width: look.width, height: look.height },
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await signIn(page, account);
  const me = await (await page.request.get("/api/auth/me")).json();
  const saved = await page.request.patch("/api/auth/me", {
    data: { theme: look.theme, language: look.language },
    headers: { "X-CSRF-Token": me.csrf_token },
  });
  expect(saved.ok()).toBe(true);
  return page;
}

/** What is on screen is whole: nothing serious for axe, no sideways scrolling; a picture is kept beside the results. */
async function inspect(page: Page, name: string, look: Look, info: TestInfo): Promise<void> {
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  await page.screenshot({ path: info.outputPath(`${name}.png`) });
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map((node) => node.target.join(" "))
          .slice(0, 3)
          .join(" | ")}`,
    );
  expect(serious, `${name}, ${look.name}`).toEqual([]);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width, `${name} scrolls sideways, ${look.name}`).toBeLessThanOrEqual(look.width);
}

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
      users: "/admin/users",
      products: "/admin/products",
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
    await phone.getByTestId("row").first().click();
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
