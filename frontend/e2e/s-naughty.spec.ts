import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { ADMIN, apiAs, Desk, ok } from "./desk";
import { csvFile } from "./files";
import { type Account, expect, test } from "./fixtures";
import { type Look, openAs } from "./looks";

const RUN = randomUUID().slice(0, 6);
/** How many rows of a list stand on one page. */
const PAGE = 50;
const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };

/** The list that goes through import, API and export too. */
const LIST: Record<"harmless" | "layout", Record<string, string>> = JSON.parse(
  readFileSync(new URL("../../backend/tests/hardening/naughty.json", import.meta.url), "utf8"),
);
const TEXTS = { ...LIST.harmless, ...LIST.layout };
/** One of each kind, for the sheet. */
const HANDFUL = [
  "right to left",
  "isolates",
  "Arabic",
  "zero width",
  "HTML",
  "entities",
  "template",
  "emoji",
];
const REMARK = "Remark <i>&amp;</i> {{1+1}}";
const called = (name: string) => `n${RUN}${String(Object.keys(TEXTS).indexOf(name)).padStart(2, "0")}`;
const WANTED = Object.fromEntries(Object.entries(TEXTS).map(([name, text]) => [called(name), text]));

/** What a customer is called by stands on one line. */
const asName = (text: string) => text.replaceAll(/[ \t\r\n\u00a0]+/g, " ");

let desk: Desk;
let staff: Account;
let database: string;
let group: string;

test.setTimeout(120_000);

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  const person = await desk.staff(`Staff <b>Sierra</b> ${RUN}`, `sierra-${RUN}@example.com`);
  staff = person;
  const product = await desk.product(`<img src=x onerror=alert(1)> ${RUN}`);
  const head = ["Username", "Full name", REMARK];
  const rows = Object.entries(WANTED).map(([customer, text]) => [customer, text, text]);
  const file = csvFile(`sierra-${RUN}.csv`, [head, ...rows]);
  database = await desk.database("/api/bonanza/upload", product, `"><script>alert(1)</script> ${RUN}`, file);
  await desk.assignRandom("bonanza", database, person.id, rows.length);
  const api = await apiAs(baseURL ?? "", person);
  const [{ kind, id }] = await (await ok(await api.get("/api/my/groups"))).json();
  group = `${kind}:${id}`;
  await api.dispose();
});
test.afterAll(() => desk?.close());

/** What a page must not do because of what is written on it. */
function watched(page: Page): string[] {
  const found: string[] = [];
  const own = new URL(page.url()).origin;
  page.on("dialog", (dialog) => {
    found.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => found.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) found.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (!["data:", "blob:"].includes(protocol) && origin !== own) found.push(`request to ${request.url()}`);
  });
  return found;
}

/** What each customer's row says: the name below the customer, and the column of the file. */
async function read(page: Page, remark: number): Promise<[string, { name: string; remark: string }][]> {
  const rows = page.getByTestId("row");
  return rows.evaluateAll(
    (all, column) =>
      all.map((row) => {
        const cells = [...row.querySelectorAll("td")].map((cell) => cell.textContent ?? "");
        const customer = row.querySelector('[data-testid="customer"]')?.textContent ?? "";
        const name = cells.find((cell) => cell.startsWith(customer))?.slice(customer.length) ?? "";
        return [customer, { name, remark: cells[column] ?? "" }];
      }),
    remark,
  );
}

/** The whole list, page by page by key, until every customer has been read. */
async function everyRow(page: Page): Promise<Record<string, { name: string; remark: string }>> {
  await expect(page.getByRole("columnheader", { name: REMARK })).toBeVisible();
  const remark = (await page.getByRole("columnheader").allTextContents()).indexOf(REMARK);
  const found: Record<string, { name: string; remark: string }> = {};
  const readMore = async () => {
    Object.assign(found, Object.fromEntries(await read(page, remark)));
    return Object.keys(found).length;
  };
  const total = Object.keys(WANTED).length;
  for (let read = 0; read < total; read += PAGE) {
    if (read > 0) await page.keyboard.press("]");
    await expect.poll(readMore).toBe(Math.min(total, read + PAGE));
  }
  return found;
}

test("every string that breaks programs stands on the screen as it was in the file, and does nothing", async ({
  browser,
  baseURL,
}) => {
  const admin = await openAs(browser, baseURL ?? "", ADMIN, WIDE);
  const holder = await openAs(browser, baseURL ?? "", staff, WIDE);
  const troubles = [watched(admin), watched(holder)];

  await admin.goto(`/bonanza/${database}?tab=records`);
  await holder.goto(`/customers?group=${group}`);
  for (const page of [admin, holder]) {
    const rows = await everyRow(page);
    const remarks = Object.fromEntries(Object.entries(rows).map(([customer, row]) => [customer, row.remark]));
    expect(remarks).toEqual(WANTED);
    const names = Object.fromEntries(Object.entries(rows).map(([customer, row]) => [customer, row.name]));
    expect(names).toEqual(Object.fromEntries(Object.entries(WANTED).map(([at, text]) => [at, asName(text)])));
  }
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText(`"><script>alert(1)</script> ${RUN}`);

  const sheet = holder.getByRole("dialog");
  for (const name of HANDFUL) {
    await holder.goto(`/customers?group=${group}&q=${called(name)}`);
    await holder
      .getByTestId("customer")
      .filter({ hasText: called(name) })
      .click();
    await expect(sheet.getByRole("heading", { name: called(name) })).toBeVisible();
    const said = await sheet.locator("dd").allTextContents();
    expect(said, name).toEqual([called(name), TEXTS[name], TEXTS[name]]);
    const under = await sheet
      .getByRole("heading", { name: called(name) })
      .locator("xpath=..")
      .textContent();
    expect(under, name).toContain(asName(TEXTS[name] ?? ""));
  }

  expect(troubles.flat()).toEqual([]);
  await admin.context().close();
  await holder.context().close();
});
