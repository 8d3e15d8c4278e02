import { randomUUID } from "node:crypto";
import type { APIRequestContext, Page } from "@playwright/test";
import { ADMIN, apiAs, Desk, ok, someCsv } from "./desk";
import { expect, test } from "./fixtures";
import { crowded, inspect, type Look, openAs } from "./looks";

const RUN = randomUUID().slice(0, 6);
const PRODUCT = `Product Quebec ${RUN}`;
const ANA = `Ana Quebec ${RUN}`;
const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
const LOOKS: Look[] = [
  { ...WIDE, name: "wide dark id", theme: "dark", language: "id" },
  { name: "phone light id", width: 390, height: 844, theme: "light", language: "id" },
  { name: "phone dark en", width: 390, height: 844, theme: "dark", language: "en" },
];
const TABS = ["team", "work", "deposits", "customers"];
/** A name as long as names are. */
const BUDI = `Muhammad Budiman Kusumawardhana Quebec ${RUN}`;

let desk: Desk;
let product: string;
let anasApi: APIRequestContext;

/** Somebody is handed a database and works on it; with the first customers of it there is more to come. */
async function works(baseURL: string, name: string, count: number): Promise<APIRequestContext> {
  const tag = name[0]?.toLowerCase() ?? "";
  const account = await desk.staff(name, `${tag}-q-${RUN}@example.com`);
  const file = someCsv(count, `quebec${tag}${RUN}`);
  const pool = await desk.database("/api/bonanza/upload", product, `${name}'s`, file);
  await desk.assignRandom("bonanza", pool, account.id, count);
  const api = await apiAs(baseURL, account);
  const records: { id: string; customer_id: string }[] = await (
    await ok(await api.get("/api/my/records"))
  ).json();
  records.sort((a, b) => a.customer_id.localeCompare(b.customer_id));
  const marks = records.slice(0, count - 2).map(({ id }, index) => ({
    record_id: id,
    whatsapp_status: ["ada", "ada", "ada", "ada", "ceklis1", "tidak"][index % 6],
    respond_status: index % 6 < 3 ? "ya" : index % 6 === 3 ? "tidak" : undefined,
  }));
  await ok(await api.post("/api/my/marks", { data: { marks } }));
  return api;
}

test.setTimeout(180_000);

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  product = await desk.product(PRODUCT);
  anasApi = await works(baseURL ?? "", ANA, 10);
  await (await works(baseURL ?? "", BUDI, 6)).dispose();
  const { today } = await (await ok(await anasApi.get("/api/server-time"))).json();
  for (const [number, nominal] of [50_000_000, 1_250_000_000, 700_000_000].entries()) {
    await ok(
      await anasApi.post("/api/omset", {
        data: {
          product_id: product,
          record_date: today,
          customer_id: `quebeca${RUN}000${number + 1}`,
          nominal,
        },
      }),
    );
  }
});
test.afterAll(async () => {
  await anasApi?.dispose();
  await desk?.close();
});

const chart = (page: Page, slug: string) => page.locator(`[data-chart="${slug}"]`);

/** Every chart of a tab, whole, beside the results; what its texts do to each other is read from the page. */
async function pictures(page: Page, tab: string, look: Look, info: Parameters<typeof inspect>[3]) {
  await page.goto(`/analytics?tab=${tab}&period=month&product_id=${product}`);
  await expect(page.locator("[data-chart]").first()).toBeVisible();
  await inspect(page, `${tab} ${look.name}`, look, info);
  // Each chart has something to show.
  await expect(page.getByText(/^(Nothing in this period|Tidak ada data di periode ini)$/)).toHaveCount(0);
  const places = await page.locator("[data-chart]").all();
  for (const place of places) {
    const slug = await place.getAttribute("data-chart");
    expect.soft(await crowded(place), `${slug}, ${look.name}`).toEqual([]);
    await place.screenshot({ path: info.outputPath(`${slug} ${look.name}.png`) });
  }
  return places.length;
}

test("a mark opens what it is the sum of, by keyboard; the sheet is in the address; charts stay where they are put", async ({
  browser,
  baseURL,
}, info) => {
  const page = await openAs(browser, baseURL ?? "", ADMIN, WIDE);
  await page.goto("/");
  await page.getByRole("navigation").getByRole("link", { name: "Analytics" }).click();
  await page.getByLabel("Product").selectOption({ label: PRODUCT });
  await page.getByLabel("Period").selectOption("week");
  await page.getByRole("tab", { name: "Deposits" }).click();
  const trends = chart(page, "deposit-trends");
  const mark = trends.getByRole("button", { name: /: Amount 2,000,000,000, Deposits 3/ });
  await mark.focus();
  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByText("2,000,000,000")).toBeVisible();
  await expect(sheet.getByRole("link", { name: ANA })).toHaveCount(3);
  await page.reload();
  await expect(sheet.getByText("2,000,000,000")).toBeVisible();
  await sheet.getByRole("button", { name: "Amount" }).click();
  await expect(page).toHaveURL(/sort=/);
  const file = page.waitForEvent("download");
  await sheet.getByRole("button", { name: "CSV" }).click();
  expect((await file).suggestedFilename()).toBe("date-deposits.csv");
  await inspect(page, "sheet", WIDE, info);
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await mark.focus();
  await page.keyboard.press("Enter");
  await expect(sheet).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(mark).toBeFocused();

  await page.getByRole("tab", { name: "Products and customers" }).click();
  const donut = chart(page, "product-performance");
  await donut.getByRole("button", { name: `${PRODUCT}: 3, 100%` }).click();
  await expect(sheet.getByRole("row").filter({ hasText: ANA })).toContainText("2,000,000,000");
  await page.goBack();
  await expect(sheet).toBeHidden();

  const order = () =>
    page.locator("[data-chart]").evaluateAll((all) => all.map((each) => each.dataset.chart));
  await expect(donut).toBeVisible();
  const [first, second] = await order();
  const kept = page.waitForResponse((answer) => answer.request().method() === "PUT" && answer.ok());
  await page.getByRole("button", { name: "More for “Product performance”" }).click();
  await page.getByRole("menuitem", { name: "Move down" }).click();
  await kept;
  await page.reload();
  await expect(donut).toBeVisible();
  expect((await order()).slice(0, 2)).toEqual([second, first]);
  await page.getByRole("button", { name: "Charts", exact: true }).click();
  await page.getByRole("menuitem", { name: "As it was at first" }).click();
  await expect.poll(order).toEqual(expect.arrayContaining([first, second]));
  expect((await page.request.get(`/api/analytics/drill-down/product-staff?product_id=${product}`)).ok()).toBe(
    true,
  );
  expect((await anasApi.get("/api/analytics/business")).status()).toBe(403);
  await page.context().close();
});

for (const look of [WIDE, ...LOOKS]) {
  test(`every chart, ${look.name}`, async ({ browser, baseURL }, info) => {
    const page = await openAs(browser, baseURL ?? "", ADMIN, look);
    let charts = 0;
    for (const tab of TABS) charts += await pictures(page, tab, look, info);
    expect(charts).toBe(18);
    await page.context().close();
  });
}
