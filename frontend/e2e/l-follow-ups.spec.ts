import { randomUUID } from "node:crypto";
import type { APIRequestContext } from "@playwright/test";
import { ADMIN, apiAs, Desk, ok, someCsv } from "./desk";
import { type Account, expect, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

const RUN = randomUUID().slice(0, 6);
const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
const PHONE: Look = { name: "phone dark id", width: 360, height: 780, theme: "dark", language: "id" };
const CUSTOMERS = 3;

let desk: Desk;
let pool: string;
let holder: Account & { id: string };
let api: APIRequestContext;

test.setTimeout(180_000);

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  const product = await desk.product(`Product Lima ${RUN}`);
  holder = await desk.staff(`Ana Lima ${RUN}`, `ana-l-${RUN}@example.com`);
  const file = someCsv(CUSTOMERS, `lima${RUN}`);
  pool = await desk.database("/api/bonanza/upload", product, `Lima ${RUN}`, file);
  await desk.assignRandom("bonanza", pool, holder.id, CUSTOMERS);
  api = await apiAs(baseURL ?? "", holder);
});
test.afterAll(async () => {
  await api?.dispose();
  await desk?.close();
});

test("a yes waits until the deposit: the admin's page follows without a reload", async ({
  browser,
  baseURL,
}, info) => {
  const admin = await openAs(browser, baseURL ?? "", ADMIN, WIDE);
  // The old address keeps its filters.
  await admin.goto(`/admin/follow-ups?database_id=${pool}`);
  await expect(admin).toHaveURL(new RegExp(`/follow-ups\\?database_id=${pool}$`));
  await expect(admin.getByRole("tab", { name: "Waiting 0" })).toBeVisible();

  const records = await (await ok(await api.get("/api/my/records"))).json();
  const marks = records.map(({ id }: { id: string }) => ({ record_id: id, respond_status: "ya" }));
  await ok(await api.post("/api/my/marks", { data: { marks } }));
  await expect(admin.getByRole("tab", { name: `Waiting ${CUSTOMERS}` })).toBeVisible();
  await expect(admin.getByRole("row", { name: new RegExp(`lima${RUN}`) })).toHaveCount(CUSTOMERS);
  await inspect(admin, "follow-ups", WIDE, info);

  const staff = await openAs(browser, baseURL ?? "", holder, WIDE);
  await staff.goto("/follow-ups");
  const row = staff.locator("[data-row-index='0']");
  await row.focus();
  await staff.keyboard.press("d");
  await staff.getByRole("dialog").getByRole("textbox", { name: "Amount" }).fill("150.000");
  await staff.getByRole("dialog").getByRole("button", { name: "Book" }).click();
  await expect(staff.getByRole("dialog")).toHaveCount(0);
  await expect(admin.getByRole("tab", { name: `Waiting ${CUSTOMERS - 1}` })).toBeVisible();
  await expect(admin.getByRole("tab", { name: "Deposited 1" })).toBeVisible();

  // The first row is another one as soon as the staff's own page has heard of it.
  const waiting = (count: number) =>
    expect(staff.getByRole("tab", { name: `Waiting ${count}` })).toBeVisible();
  await waiting(CUSTOMERS - 1);
  await row.focus();
  await staff.keyboard.press("s");
  await staff.getByRole("dialog").getByRole("button", { name: "In 3 days" }).click();
  await staff.getByRole("dialog").getByRole("button", { name: "Snooze" }).click();
  await expect(admin.getByRole("tab", { name: "Snoozed 1" })).toBeVisible();
  await waiting(CUSTOMERS - 2);
  await row.focus();
  await staff.keyboard.press("f");
  await expect(admin.getByRole("tab", { name: "Done 1" })).toBeVisible();
  // The newest notice lies on the others.
  await staff.getByRole("button", { name: "Undo" }).first().click();
  await expect(admin.getByRole("tab", { name: "Done 0" })).toBeVisible();
  await staff.getByTestId("customer").first().click();
  await expect(staff.getByText("Follow-up").first()).toBeVisible();

  const phone = await openAs(browser, baseURL ?? "", holder, PHONE);
  await phone.goto("/follow-ups");
  await expect(phone.getByTestId("customer")).toHaveCount(1);
  await inspect(phone, "follow-ups-phone", PHONE, info);
  for (const page of [admin, staff, phone]) await page.context().close();
});
