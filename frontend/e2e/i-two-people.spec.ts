import { randomUUID } from "node:crypto";
import type { APIRequestContext, Page } from "@playwright/test";
import { ADMIN, apiAs, Desk, ok, someCsv } from "./desk";
import { type Account, expect, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

const RUN = randomUUID().slice(0, 6);
const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
const PHONE: Look = { name: "phone dark id", width: 360, height: 780, theme: "dark", language: "id" };

let desk: Desk;
let holder: Account & { id: string };

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  const product = await desk.product(`Product India ${RUN}`);
  holder = await desk.staff(`Ana ${RUN}`, `ana-i-${RUN}@example.com`);
  const pool = await desk.database("/api/bonanza/upload", product, `Pair ${RUN}`, someCsv(3, `pair${RUN}`));
  await desk.assignRandom("bonanza", pool, holder.id, 1);
});
test.afterAll(() => desk?.close());

type Marked = { customer_id: string; whatsapp_status?: string | null; respond_status?: string | null };

async function marks(api: APIRequestContext): Promise<Marked> {
  const [record] = await (await ok(await api.get("/api/my/records"))).json();
  return record;
}

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).first().click();

test("two people at one customer: different fields merge, of the same field both values are shown", async ({
  browser,
  baseURL,
}, info) => {
  const api = await apiAs(baseURL ?? "", holder);
  const server = (part: Partial<Marked>) => expect.poll(() => marks(api)).toMatchObject(part);
  const { customer_id } = await marks(api);
  const staff = await openAs(browser, baseURL ?? "", holder, WIDE);
  const admin = await openAs(browser, baseURL ?? "", ADMIN, PHONE);
  for (const page of [staff, admin]) {
    await page.goto(`/customers/${customer_id}`);
    await expect(page.getByTestId("customer-record")).toHaveCount(1);
  }

  await test.step("different fields", async () => {
    await press(admin, "Ada");
    await server({ whatsapp_status: "ada" });
    await press(staff, "Yes");
    await server({ whatsapp_status: "ada", respond_status: "ya" });
    await expect(staff.getByRole("alert")).toHaveCount(0);
    await expect(staff.getByRole("button", { name: "Active", exact: true, pressed: true })).toBeVisible();
  });

  await test.step("the same field: the staff keeps what the admin chose", async () => {
    await press(admin, "Ceklis 1");
    await server({ whatsapp_status: "ceklis1" });
    await press(staff, "No WA");
    const panel = staff.getByRole("alert", { name: "Changed by somebody else meanwhile" });
    await expect(panel).toContainText("Admin set “1 tick”");
    await expect(panel).toContainText("you chose “No WA”");
    await inspect(staff, "both-values", WIDE, info);
    await panel.getByRole("button", { name: "Keep “1 tick”" }).click();
    await expect(panel).toHaveCount(0);
    await expect(staff.getByRole("button", { name: "1 tick", exact: true, pressed: true })).toBeVisible();
    await server({ whatsapp_status: "ceklis1", respond_status: "ya" });
  });

  await test.step("and the admin, on a phone, insists on taking the mark away", async () => {
    await press(staff, "Active");
    await server({ whatsapp_status: "ada" });
    await press(admin, "Ceklis 1");
    const panel = admin.getByRole("alert");
    await expect(panel).toContainText(`Ana ${RUN}`);
    await inspect(admin, "both-values-phone", PHONE, info);
    await panel.getByRole("button").last().click();
    await expect(panel).toHaveCount(0);
    await server({ whatsapp_status: null, respond_status: "ya" });
  });
  for (const page of [staff, admin]) await page.context().close();
  await api.dispose();
});
