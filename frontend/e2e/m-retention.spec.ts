import { randomUUID } from "node:crypto";
import type { APIRequestContext } from "@playwright/test";
import { ADMIN, apiAs, Desk, ok } from "./desk";
import { type Account, expect, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

const RUN = randomUUID().slice(0, 6);
const ANA = `Ana Mike ${RUN}`;
const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
const PHONE: Look = { name: "phone dark id", width: 360, height: 780, theme: "dark", language: "id" };
/** How many days ago each customer deposited: what they are called is what becomes of them. */
const VISITS = { gone: [45], far: [20], near: [8], fresh: [6, 4], stays: [3, 0] };
type Who = keyof typeof VISITS;

let desk: Desk;
let product: string;
let ana: Account & { id: string };
let api: APIRequestContext;
let today: Date;

const customer = (who: Who) => `${who}-${RUN}`;
const dayBefore = (days: number) => {
  const day = new Date(today);
  day.setUTCDate(day.getUTCDate() - days);
  return day.toISOString().slice(0, 10);
};
const book = async (who: Who, days: number) => {
  const form = { product_id: product, record_date: dayBefore(days), customer_id: customer(who) };
  await ok(await api.post("/api/omset", { data: { ...form, nominal: 100_000 } }));
};

test.setTimeout(180_000);

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  product = await desk.product(`Product Mike ${RUN}`);
  ana = await desk.staff(ANA, `ana-m-${RUN}@example.com`);
  api = await apiAs(baseURL ?? "", ana);
  const time = await (await ok(await api.get("/api/server-time"))).json();
  today = new Date(`${time.today}T00:00:00Z`);
  for (const [who, visits] of Object.entries(VISITS)) {
    for (const days of visits) await book(who as Who, days);
  }
});
test.afterAll(async () => {
  await api?.dispose();
  await desk?.close();
});

test("who slips away is called or put aside, who is gone comes back with a deposit, and the months show it", async ({
  browser,
  baseURL,
}, info) => {
  const staff = await openAs(browser, baseURL ?? "", ana, WIDE);
  await staff.goto(`/retention?tab=at_risk&product_id=${product}`);
  const row = (who: Who) => staff.getByRole("row").filter({ hasText: customer(who) });
  for (const level of ["Critical", "High", "Medium"]) {
    await expect(staff.getByRole("button", { name: new RegExp(`^${level} ?1`) })).toBeVisible();
  }
  await expect(row("far")).toContainText("20 days ago");
  await inspect(staff, "at risk", WIDE, info);
  await staff.getByRole("button", { name: `Dismiss the alert about ${customer("far")}` }).click();
  await expect(row("far")).toHaveCount(0);
  await staff.getByRole("button", { name: "Undo" }).click();
  await expect(row("far")).toHaveCount(1);
  await staff.getByRole("button", { name: `Dismiss the alert about ${customer("far")}` }).click();
  await expect(row("far")).toHaveCount(0);
  await staff.reload();
  await expect(row("near")).toHaveCount(1);
  await expect(row("far")).toHaveCount(0);
  await staff.getByRole("tab", { name: "Lost" }).click();
  await expect(row("gone")).toContainText("45 days ago");

  // What one has put aside the others still see; the bar of a staff leads to that staff's customers.
  const admin = await openAs(browser, baseURL ?? "", ADMIN, WIDE);
  await admin.goto(`/retention?tab=at_risk&product_id=${product}`);
  await expect(admin.getByRole("row").filter({ hasText: customer("far") })).toHaveCount(1);
  await admin.getByRole("button", { name: `${ANA}: Critical 1, High 1, Medium 1` }).click();
  await expect(admin).toHaveURL(new RegExp(`staff_id=${ana.id}`));
  await expect(admin.getByRole("row").filter({ hasText: RUN })).toHaveCount(3);

  await admin.goto(`/retention?product_id=${product}`);
  const months = admin.getByRole("table", { name: "Who comes back, month by month" });
  const first = dayBefore(45).slice(0, 7);
  const size = Object.values(VISITS).filter((days) => dayBefore(Math.max(...days)).startsWith(first)).length;
  await expect(
    months.getByRole("img", { name: new RegExp(`, 0: 100%, ${size} of ${size}$`) }).first(),
  ).toBeVisible();
  const back = months
    .getByRole("row")
    .nth(1)
    .getByRole("img", { name: /: [1-9].*%, \d of \d/ });
  const visited = await back.count();
  await inspect(admin, "figures", WIDE, info);
  // A deposit of today: whoever was gone is no longer, in the list and in the months, while both are open.
  await book("gone", 0);
  await expect(row("gone")).toHaveCount(0);
  await expect(back).toHaveCount(visited + 1);
  await expect(admin.getByRole("button", { name: new RegExp(`^${ANA}`) }).first()).toBeVisible();

  const phone = await openAs(browser, baseURL ?? "", ana, PHONE);
  for (const tab of ["at_risk", "lost"]) {
    await phone.goto(`/retention?tab=${tab}&product_id=${product}`);
    await inspect(phone, `${tab} phone`, PHONE, info);
  }
  await phone.goto(`/retention?product_id=${product}`);
  await expect(phone.locator("[aria-busy=true]")).toHaveCount(0);
  await inspect(phone, "figures phone", PHONE, info);
  for (const page of [admin, staff, phone]) await page.context().close();
});
