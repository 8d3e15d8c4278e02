import { randomUUID } from "node:crypto";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "@playwright/test";
import { Desk, someCsv } from "./desk";
import { type Account, expect, signIn, test } from "./fixtures";

const RUN = randomUUID().slice(0, 6);
const BATCH = `Morning ${RUN}`;
const SIZE = 50;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

let desk: Desk;
let staff: Account & { id: string };
let databaseId = "";

test.setTimeout(360_000);

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  const product = await desk.product(`Product Day ${RUN}`);
  staff = await desk.staff("Staff Day", `day-${RUN}@example.com`);
  databaseId = await desk.database("/api/memberwd/upload", product, BATCH, someCsv(120, "day"));
  await desk.assignRandom("memberwd", databaseId, staff.id, SIZE);
  const other = await desk.database("/api/bonanza/upload", product, `Prize ${RUN}`, someCsv(10, "prize"));
  await desk.assignRandom("bonanza", other, staff.id, 10);
});
test.afterAll(() => desk?.close());

async function open(
  browser: Browser,
  baseURL: string | undefined,
  look: { width: number; height: number; theme: "light" | "dark"; language: "en" | "id" },
): Promise<Page> {
  const context = await browser.newContext({
    baseURL,
    viewport: { width: look.width, height: look.height },
    permissions: ["clipboard-read", "clipboard-write"],
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await signIn(page, staff);
  const me = await (await page.request.get("/api/auth/me")).json();
  const saved = await page.request.patch("/api/auth/me", {
    data: { theme: look.theme, language: look.language },
    headers: { "X-CSRF-Token": me.csrf_token },
  });
  expect(saved.ok()).toBe(true);
  return page;
}

async function nothingSerious(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).slice(0, 3)}`);
  expect(serious, what).toEqual([]);
}

/** What the server knows of the staff's batch. */
async function batchOf(page: Page) {
  const groups = await (await page.request.get("/api/my/groups")).json();
  return groups.find((group: { database_id: string }) => group.database_id === databaseId);
}

test("50 customers by keyboard only", async ({ browser, baseURL }) => {
  const page = await open(browser, baseURL, { width: 1440, height: 900, theme: "light", language: "en" });
  const pages: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname === "/api/my/records") pages.push(url.searchParams.get("limit") ?? "none");
  });

  await test.step("to the batch, whose new customers are counted", async () => {
    await page.goto("/customers");
    const link = page.getByRole("link", { name: new RegExp(`${BATCH}.*0 of 50 customers.*50 new`) });
    await expect(link).toBeVisible();
    await link.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: BATCH })).toBeVisible();
    await expect(page).toHaveURL(/group=batch/);
    await expect(page.getByTestId("row")).toHaveCount(SIZE);
    await expect(link).toHaveCount(0);
  });

  const names = await page.getByTestId("customer").allInnerTexts();
  expect(new Set(names).size).toBe(SIZE);

  await test.step("three keys each, the cursor goes down", async () => {
    await page.keyboard.press("j");
    for (let index = 0; index < SIZE; index += 1) {
      const row = page.getByTestId("row").nth(index);
      await expect(row).toBeFocused();
      await page.keyboard.press(String((index % 3) + 1));
      await page.keyboard.press(index % 2 === 0 ? "y" : "n");
      if (index % 10 === 9) {
        await page.keyboard.press("i");
        await expect(page.getByRole("dialog")).toBeVisible();
        await page.keyboard.press("1");
        await expect(page.getByRole("dialog")).toHaveCount(0);
      } else await page.keyboard.press("v");
      await expect(row).toBeFocused();
      if (index < SIZE - 1) await page.keyboard.press("ArrowDown");
    }
    await expect(page.getByText("All saved")).toBeVisible();
  });

  await test.step("the server has all of it, and nothing moved", async () => {
    await expect
      .poll(async () => (await batchOf(page)).counts)
      .toEqual({
        ada: 17,
        ceklis1: 17,
        tidak: 16,
        respond_ya: 25,
        respond_tidak: 25,
        validated: 45,
        invalid: 5,
        unvalidated: 0,
      });
    expect(await page.getByTestId("customer").allInnerTexts()).toEqual(names);
    await expect(page.getByRole("link", { name: new RegExp(`${BATCH}.*50 of 50 customers`) })).toBeVisible();
    expect(new Set(pages)).toEqual(new Set(["50"]));
    await page.reload();
    const first = page.getByTestId("row").first();
    await expect(first.getByRole("button", { name: "Active", pressed: true })).toBeVisible();
    await expect(first.getByRole("button", { name: "Yes", pressed: true })).toBeVisible();
    await expect(first.getByRole("button", { name: "Valid", pressed: true, exact: true })).toBeVisible();
  });

  await test.step("a mark is taken back with its own key; number, note and sheet by key", async () => {
    const first = page.getByTestId("row").first();
    await page.keyboard.press("j");
    await page.keyboard.press("1");
    await expect(first.getByRole("button", { name: "Active" })).toHaveAttribute("aria-pressed", "false");
    await page.keyboard.press("c");
    await expect(page.getByText("Number copied")).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^\+62812\d+$/);
    await page.keyboard.press("e");
    await expect(page.getByRole("textbox", { name: "New note" })).toBeFocused();
    await page.keyboard.type("Call again on Monday");
    await page.keyboard.press("Control+Enter");
    const sheet = page.getByRole("dialog");
    await expect(
      sheet.getByRole("listitem").filter({ hasText: "Call again on Monday" }).first(),
    ).toBeVisible();
    await nothingSerious(page, "the sheet");
    await page.keyboard.press("Escape");
    await expect(first).toBeFocused();
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog")).toContainText("WhatsApp: Active");
    await page.keyboard.press("Escape");
    await expect(page.getByText("All saved")).toBeVisible();
    await nothingSerious(page, "the desk");
  });

  await test.step("the customer's own page", async () => {
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Customer page" }).focus();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/customers\/day\d+$/);
    await expect(page.getByTestId("customer-record")).toHaveCount(1);
    await expect(page.getByText("Call again on Monday").first()).toBeVisible();
    await expect(page.getByText("Not reserved")).toBeVisible();
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    expect(await page.title()).toBe("Customer · CRM Boost");
    await nothingSerious(page, "the customer's page");
    await page.goBack();
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("row").first()).toBeVisible();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.getByTestId("row").first().focus();
  });

  await test.step("without a connection nothing is lost", async () => {
    await page.context().setOffline(true);
    await page.keyboard.press("2");
    await expect(page.getByText("1 mark not saved yet")).toBeVisible();
    await page.context().setOffline(false);
    // As soon as it is back, nobody has to press anything.
    await expect(page.getByText("All saved")).toBeVisible();
    await expect.poll(async () => (await batchOf(page)).counts.ceklis1).toBe(18);
  });

  await test.step("nor when the page goes at the same moment", async () => {
    await page.keyboard.press("3");
    await page.reload();
    await expect.poll(async () => (await batchOf(page)).counts.tidak).toBe(17);
    const first = page.getByTestId("row").first();
    await expect(first.getByRole("button", { name: "No WA", pressed: true })).toBeVisible();
  });
  await page.context().close();
});

test("ten thousand customers, never more than a page of them", async ({ browser, baseURL }) => {
  const product = await desk.product(`Product Many ${RUN}`);
  const many = await desk.database("/api/bonanza/upload", product, `Many ${RUN}`, someCsv(10_000, "many"));
  await desk.assignRandom("bonanza", many, staff.id, 10_000);
  const page = await open(browser, baseURL, { width: 1440, height: 900, theme: "light", language: "en" });
  let rowsRead = 0;
  page.on("response", async (response) => {
    if (new URL(response.url()).pathname !== "/api/my/records") return;
    const rows: unknown[] = await response.json();
    expect(rows.length).toBeLessThanOrEqual(SIZE);
    rowsRead += rows.length;
  });
  await page.goto(`/customers?group=database:${many}`);
  await expect(page.getByText("1–50 of 10,000")).toBeVisible();
  const first = await page.getByTestId("customer").allInnerTexts();

  await page.keyboard.press("j");
  await page.keyboard.press("End");
  await expect(page.getByTestId("row").last()).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByTestId("row").first()).toBeFocused();
  await expect(page.getByText("51–100 of 10,000")).toBeVisible();
  const second = await page.getByTestId("customer").allInnerTexts();
  expect(new Set([...first, ...second]).size).toBe(2 * SIZE);
  await page.keyboard.press("ArrowUp");
  await expect(page.getByText("1–50 of 10,000")).toBeVisible();
  await expect(page.getByTestId("row").last()).toBeFocused();
  expect(await page.getByTestId("customer").allInnerTexts()).toEqual(first);

  for (let number = 2; number <= 6; number += 1) {
    const shown = await page.getByTestId("customer").first().innerText();
    await page.keyboard.press("]");
    // Until the next page has come, the one before it stays.
    await expect(page.getByTestId("customer").first()).not.toHaveText(shown, { useInnerText: true });
    await expect(page.getByText(`${(number - 1) * SIZE + 1}–${number * SIZE} of 10,000`)).toBeVisible();
    await expect(page.getByTestId("row")).toHaveCount(SIZE);
  }
  await page.reload();
  await expect(page.getByText("251–300")).toBeVisible();
  expect(rowsRead).toBeLessThan(1_000);
  await page.context().close();
});

test("the same desk on a phone, dark, in Indonesian", async ({ browser, baseURL }, info) => {
  const page = await open(browser, baseURL, { width: 360, height: 740, theme: "dark", language: "id" });
  await page.goto("/customers");
  await page.getByRole("link", { name: new RegExp(`Prize ${RUN}.*10 pelanggan`) }).click();
  await expect(page.getByTestId("row")).toHaveCount(10);
  const card = page.getByTestId("row").first();
  await expect(card.getByRole("link", { name: /Telepon/ })).toHaveAttribute("href", /^tel:\+62812\d+$/);
  await expect(card.getByRole("link", { name: /WhatsApp/ })).toHaveAttribute(
    "href",
    /^https:\/\/wa\.me\/62812\d+$/,
  );
  for (const name of ["Ceklis 1", "Ya", "Valid"]) {
    const button = card.getByRole("button", { name, exact: true });
    const box = await button.boundingBox();
    expect(box?.height ?? 0).toBeGreaterThanOrEqual(44);
    await button.click();
    await expect(button).toHaveAttribute("aria-pressed", "true");
  }
  await expect(page.getByText("Tersimpan")).toBeVisible();
  await page.screenshot({ path: info.outputPath("phone.png") });
  await nothingSerious(page, "cards");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

  await page.getByTestId("row").nth(3).scrollIntoViewIfNeeded();
  await expect(page.getByRole("searchbox")).toBeInViewport();
  await page.getByRole("combobox", { name: "WhatsApp" }).selectOption("ceklis1");
  await expect(page.getByTestId("row")).toHaveCount(1);
  await expect(page).toHaveURL(/whatsapp=ceklis1/);

  await page.getByTestId("row").first().getByTestId("customer").click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  await nothingSerious(page, "the sheet on a phone");
  await page.context().close();
});
