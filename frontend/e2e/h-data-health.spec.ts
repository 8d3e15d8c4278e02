import { randomUUID } from "node:crypto";
import { ADMIN, apiAs, Desk, ok, someCsv } from "./desk";
import { type Account, expect, signIn, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

const RUN = randomUUID().slice(0, 6);
const PRODUCT = `Product Hotel ${RUN}`;
const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
const PHONE: Look = { name: "phone dark id", width: 360, height: 780, theme: "dark", language: "id" };

let desk: Desk;
let ana: Account & { id: string };
let budi: Account & { id: string };

test.setTimeout(120_000);

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  const product = await desk.product(PRODUCT);
  ana = await desk.staff(`Ana ${RUN}`, `ana-h-${RUN}@example.com`);
  budi = await desk.staff(`Budi ${RUN}`, `budi-h-${RUN}@example.com`);
  const pool = await desk.database("/api/bonanza/upload", product, `Rooms ${RUN}`, someCsv(10, `hot${RUN}`));
  await desk.assignRandom("bonanza", pool, budi.id, 10);
  const admin = await apiAs(baseURL ?? "", ADMIN);
  for (const number of ["0001", "0002"]) {
    const data = { customer_id: `hot${RUN}${number}`, product_id: product, staff_id: ana.id };
    await ok(await admin.post("/api/reserved-members", { data }));
  }
  await admin.dispose();
});
test.afterAll(() => desk?.close());

test("an admin sees every check, checks now, and changes the monitoring", async ({
  cleanPage: page,
}, info) => {
  await signIn(page, ADMIN);
  await page.getByRole("link", { name: "Data Sync" }).click();
  await expect(page.getByRole("img", { name: /of 100/ })).toBeVisible();
  await expect(page.getByTestId("check-orphan_holders")).toContainText("Clean");
  await inspect(page, "health", WIDE, info);
  await page.getByRole("button", { name: "Explain: Records have a holder" }).click();
  await expect(page).toHaveURL(/open=orphan_holders/);
  await expect(page.getByRole("dialog").getByText("What must hold")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Check now" }).click();
  await expect(page.getByText(/^Checked: \d+ of 100$/)).toBeVisible();
  await page.getByRole("tab", { name: "Activity" }).click();
  await expect(page.getByTestId("row").filter({ hasText: "of 100" }).first()).toBeVisible();
  await page.getByRole("tab", { name: "Monitoring" }).click();
  await page.getByLabel("Hours between two checks").fill("0");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("A whole number from 1 to 168.")).toBeVisible();
  await page.getByLabel("Hours between two checks").fill("5");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved")).toBeVisible();
});

test("conflicts are settled on their page, undone, and stay in the log", async ({
  cleanPage: page,
}, info) => {
  await signIn(page, ADMIN);
  await page.goto(`/reserved/conflicts?staff_id=${budi.id}`);
  const rows = page.getByTestId("row");
  await expect(rows).toHaveCount(2);
  await page.getByRole("button", { name: `Actions for hot${RUN}0001` }).click();
  await page.getByRole("menuitem", { name: "Hand to the owner" }).click();
  await inspect(page, "settle", WIDE, info);
  await page.getByRole("alertdialog").getByRole("button", { name: "Hand to the owner" }).click();
  await expect(page.getByText("1 conflict settled")).toBeVisible();
  await expect(rows).toHaveCount(1);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(rows).toHaveCount(2);

  await page.goto(`/admin/health?tab=conflicts&staff_id=${budi.id}&show=ended`);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(`hot${RUN}0001`);
  await inspect(page, "conflict log", WIDE, info);
});

test("Data Sync on a phone, dark, in Indonesian", async ({ browser, baseURL }, info) => {
  const admin = await openAs(browser, baseURL ?? "", ADMIN, PHONE);
  for (const tab of ["checks", "activity", "conflicts", "monitoring"]) {
    await admin.goto(tab === "checks" ? "/admin/health" : `/admin/health?tab=${tab}`);
    await expect(admin.getByRole("heading", { name: "Sinkronisasi Data" })).toBeVisible();
    await expect(admin.locator("[aria-busy=true]")).toHaveCount(0);
    await inspect(admin, `health ${tab}`, PHONE, info);
  }
  await admin.request.patch("/api/auth/me", {
    data: { theme: "system", language: "en" },
    headers: { "X-CSRF-Token": (await (await admin.request.get("/api/auth/me")).json()).csrf_token },
  });
  await admin.context().close();
});
