import { randomUUID } from "node:crypto";
import { ADMIN, apiAs, Desk, ok, someCsv } from "./desk";
import { type Account, expect, signIn, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

const RUN = randomUUID().slice(0, 6);
const PRODUCT = `Product Foxtrot ${RUN}`;
const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
const PHONE: Look = { name: "phone dark id", width: 360, height: 780, theme: "dark", language: "id" };

let desk: Desk;
let ana: Account & { id: string };
let budi: Account & { id: string };

test.setTimeout(180_000);

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  const product = await desk.product(PRODUCT);
  ana = await desk.staff(`Ana ${RUN}`, `ana-f-${RUN}@example.com`);
  budi = await desk.staff(`Budi ${RUN}`, `budi-f-${RUN}@example.com`);
  const pool = await desk.database("/api/bonanza/upload", product, `Prizes ${RUN}`, someCsv(30, `fox${RUN}`));
  await desk.assignRandom("bonanza", pool, budi.id, 5);
});
test.afterAll(() => desk?.close());

test("a staff asks for a customer, an admin sees what it does and approves, the conflict is shown", async ({
  cleanPage: page,
  browser,
  baseURL,
}, info) => {
  const holder = await apiAs(baseURL ?? "", budi);
  const [held] = await (await ok(await holder.get("/api/my/records"))).json();

  const staff = await openAs(browser, baseURL ?? "", ana, WIDE);
  await staff.goto("/reserved");
  await staff.getByRole("button", { name: "Ask for a customer" }).first().click();
  await staff.getByLabel("Customer id").fill(held.customer_id);
  await staff.getByLabel("Product").last().selectOption({ label: PRODUCT });
  await inspect(staff, "ask", WIDE, info);
  await staff.getByRole("button", { name: "Ask", exact: true }).click();
  await expect(staff.getByText(`You asked for ${held.customer_id}`)).toBeVisible();

  await signIn(page, ADMIN);
  await page.goto("/reserved");
  await page.getByRole("button", { name: `Approve ${held.customer_id}` }).click();
  const dialog = page.getByRole("alertdialog").or(page.getByRole("dialog"));
  await expect(dialog.getByText("1 record that others hold will be in conflict")).toBeVisible();
  await inspect(page, "approve", WIDE, info);
  await dialog.getByRole("button", { name: "Approve" }).click();
  await expect(dialog).toBeHidden();
  await page.goto("/reserved/conflicts");
  await expect(page.getByTestId("row").filter({ hasText: `Budi ${RUN}` })).toHaveCount(1);
  await inspect(page, "conflicts", WIDE, info);

  const refused = await holder.patch(`/api/records/${held.id}`, { data: { whatsapp_status: "ada" } });
  expect(refused.status()).toBe(409);
  expect((await refused.json()).code).toBe("taken_by_reservation");
  await holder.dispose();

  await staff.goto("/reserved");
  await expect(staff.getByTestId("row").filter({ hasText: held.customer_id })).toHaveCount(1);
  await staff.context().close();
});

test("the reserved pages on a phone, dark, in Indonesian", async ({ browser, baseURL }, info) => {
  const admin = await openAs(browser, baseURL ?? "", ADMIN, PHONE);
  for (const [name, url] of Object.entries({
    reserved: "/reserved?tab=approved",
    grace: "/reserved?tab=grace",
    conflicts: "/reserved/conflicts?show=all",
    duplicates: "/reserved/conflicts?tab=duplicates",
    bulk: "/reserved?panel=bulk",
  })) {
    await admin.goto(url);
    await expect(admin.getByRole("heading", { level: 1 }).or(admin.getByRole("dialog"))).toBeVisible();
    await inspect(admin, name, PHONE, info);
  }
  await admin.request.patch("/api/auth/me", {
    data: { theme: "system", language: "en" },
    headers: { "X-CSRF-Token": (await (await admin.request.get("/api/auth/me")).json()).csrf_token },
  });
  await admin.context().close();
});
