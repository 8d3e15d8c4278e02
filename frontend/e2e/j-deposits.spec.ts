import { randomUUID } from "node:crypto";
import { ADMIN, apiAs, Desk, ok } from "./desk";
import { type Account, expect, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

const RUN = randomUUID().slice(0, 6);
const PRODUCT = `Product Juliet ${RUN}`;
const RESERVED = `vip-${RUN}`;
const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
const PHONE: Look = { name: "phone dark id", width: 360, height: 780, theme: "dark", language: "id" };

let desk: Desk;
let product: string;
let ana: Account & { id: string };
let today: string;

test.setTimeout(180_000);

const daysBefore = (day: string, days: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  product = await desk.product(PRODUCT);
  ana = await desk.staff(`Ana ${RUN}`, `ana-j-${RUN}@example.com`);
  const budi = await desk.staff(`Budi ${RUN}`, `budi-j-${RUN}@example.com`);
  const admin = await apiAs(baseURL ?? "", ADMIN);
  const data = { customer_id: RESERVED, product_id: product, staff_id: budi.id };
  await ok(await admin.post("/api/reserved-members", { data }));
  today = (await (await ok(await admin.get("/api/server-time"))).json()).today;
  await admin.dispose();
});
test.afterAll(() => desk?.close());

test("a staff enters 20 deposits by keyboard in any order, one waits, an admin approves it, all see the same", async ({
  browser,
  baseURL,
}, info) => {
  const staff = await openAs(browser, baseURL ?? "", ana, WIDE);
  await staff.goto("/omset");
  await staff.getByLabel("Product", { exact: true }).selectOption({ label: PRODUCT });
  const customer = staff.getByRole("combobox", { name: "Customer" });
  const preview = staff.getByTestId("preview");
  const row = (name: string) => staff.getByTestId("row").filter({ hasText: name });

  await customer.focus();
  await staff.keyboard.type("joko");
  await expect(preview).toContainText("NDP");
  await staff.keyboard.press("Enter");
  await staff.keyboard.type("100000");
  await staff.keyboard.press("Enter");
  await expect(customer).toBeFocused();
  await staff.keyboard.type(RESERVED);
  await expect(preview).toContainText("Will wait: somebody else has reserved this customer");
  await inspect(staff, "entry", WIDE, info);
  await staff.keyboard.press("Enter");
  await staff.keyboard.type("250.000");
  await staff.keyboard.press("Tab");
  await staff.keyboard.type("2");
  await staff.keyboard.press("Enter");
  await expect(row("joko")).toContainText("NDP");
  await expect(row(RESERVED)).toContainText("Waiting");

  // An earlier day takes the first day away from today.
  await staff.getByRole("textbox", { name: "Day" }).fill(daysBefore(today, 3));
  await customer.focus();
  await staff.keyboard.type("JOKO ");
  await expect(preview).toContainText("NDP");
  await staff.keyboard.press("Enter");
  await staff.keyboard.type("75000");
  await staff.keyboard.press("Enter");
  await expect(row("JOKO")).toContainText("NDP");
  await staff.getByRole("textbox", { name: "Day" }).fill(today);
  await expect(row("joko")).toContainText("RDP");
  const day = staff.getByRole("region", { name: /^Figures of/ });
  await expect(day).toContainText(/NDP\s*0[\s\S]*RDP\s*1/);

  // Seventeen more, twenty in all, without the mouse.
  await customer.focus();
  for (const letter of "abcdefghijklmnopq") {
    await expect(customer).toBeFocused();
    await staff.keyboard.type(`${letter}-lina`);
    await staff.keyboard.press("Enter");
    await staff.keyboard.type("50000");
    await staff.keyboard.press("Enter");
  }
  await expect(day).toContainText(/NDP\s*17[\s\S]*RDP\s*1/);

  // What the other pages say before the decision, each in a tab that stays open.
  const opened = async (url: string) => {
    const tab = await staff.context().newPage();
    await tab.goto(url);
    return tab;
  };
  const progress = await opened("/team");
  const leaderboard = await opened("/team/leaderboard");
  const report = await opened("/reports");
  const inMonth = daysBefore(today, 3).slice(0, 7) === today.slice(0, 7) ? 75_000 : 0;
  const own = leaderboard.getByRole("row").filter({ hasText: `Ana ${RUN}` });
  const total = report.getByRole("region", { name: "Figures" });
  const shows = async (ndp: number, omset: number) => {
    await expect(progress.getByLabel("Figures").getByText(`${ndp} / 10`)).toBeVisible();
    for (const place of [own, total])
      await expect(place).toContainText((omset + inMonth).toLocaleString("en"));
  };
  await shows(17, 950_000);

  const page = await openAs(browser, baseURL ?? "", ADMIN, WIDE);
  await page.goto("/omset/review");
  await expect(page.getByTestId("row").filter({ hasText: RESERVED })).toContainText(
    `Reserved by Budi ${RUN}`,
  );
  await inspect(page, "review", WIDE, info);
  await page.getByRole("button", { name: `Approve ${RESERVED}` }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Approve" }).click();
  await expect(page.getByText("1 deposit approved")).toBeVisible();

  // Without a reload.
  await expect(row(RESERVED)).toContainText("NDP");
  await expect(day).toContainText("1,450,000");
  await shows(18, 1_450_000);
  await staff.goto("/omset?tab=summary");
  await expect(staff.getByRole("region", { name: "Totals" })).toContainText("1,525,000");
  await page.goto(`/omset?tab=summary&product_id=${product}`);
  await expect(page.getByRole("region", { name: "Totals" })).toContainText("1,525,000");
  await staff.context().close();
  await page.context().close();
});

test("the deposits on a phone, dark, in Indonesian", async ({ browser, baseURL }, info) => {
  const staff = await openAs(browser, baseURL ?? "", ana, PHONE);
  await staff.goto(`/omset?product_id=${product}`);
  await staff.getByRole("combobox", { name: "Pelanggan" }).fill("siti");
  await staff.getByRole("textbox", { name: "Nominal" }).fill("1500000");
  await expect(staff.getByTestId("preview")).toContainText("Hari pertama pelanggan ini");
  await staff.getByRole("button", { name: "Catat", exact: true }).click();
  await expect(staff.getByTestId("row").filter({ hasText: "siti" })).toContainText("1.500.000");
  await inspect(staff, "phone entry", PHONE, info);
  await staff.getByTestId("row").filter({ hasText: "siti" }).getByText("siti").click();
  await expect(staff.getByRole("dialog")).toContainText("Mengapa jenis ini");
  await inspect(staff, "phone deposit", PHONE, info);
  await staff.goto("/omset?tab=ledger&q=siti");
  await expect(staff.getByTestId("row")).toContainText("1.500.000");
  await inspect(staff, "phone ledger", PHONE, info);
  await staff.goto("/omset?tab=summary");
  await expect(staff.getByRole("region", { name: "Total" })).toContainText("NDP");
  await inspect(staff, "phone summary", PHONE, info);
  await staff.context().close();
});
