import { ADMIN, Desk } from "./desk";
import { expect, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
const PHONE: Look = { name: "phone dark id", width: 360, height: 780, theme: "dark", language: "id" };

test.beforeAll(async ({ baseURL }) => {
  await (await Desk.open(baseURL ?? "")).close();
});

test("an admin has a filtered list written into a file, and fetches it again from the list of exports", async ({
  browser,
  baseURL,
}, info) => {
  const admin = await openAs(browser, baseURL ?? "", ADMIN, WIDE);
  await admin.goto("/omset?tab=ledger&status=all");
  await admin.getByRole("button", { name: "Export" }).click();
  const dialog = admin.getByRole("dialog", { name: "Export: Deposits" });
  await expect(dialog.getByText("with 1 filter")).toBeVisible();
  await expect(dialog.getByText("Counting…")).toBeHidden();
  await inspect(admin, "dialog", WIDE, info);
  await dialog.getByRole("radio", { name: /CSV/ }).click();
  await dialog.getByRole("button", { name: "Make the file" }).click();
  const button = admin.getByRole("button", { name: "Download" });
  await expect(button).toBeVisible({ timeout: 30_000 });
  const fetched = admin.waitForEvent("download");
  await button.click();
  expect((await fetched).suggestedFilename()).toMatch(/^omset-\d{4}-\d{2}-\d{2}\.csv$/);

  await admin.goto("/exports");
  const row = admin.getByTestId("row").filter({ hasText: "Deposits (CSV)" }).first();
  await expect(row.getByText("Ready")).toBeVisible();
  await inspect(admin, "exports", WIDE, info);
  const again = admin.waitForEvent("download");
  await row.getByRole("button", { name: /^Download/ }).click();
  const stream = await (await again).createReadStream();
  let text = "";
  for await (const piece of stream) text += String(piece);
  expect(text.split("\r\n")[0]).toContain("Date,Product,Staff,Customer");

  const phone = await openAs(browser, baseURL ?? "", ADMIN, PHONE);
  await phone.goto("/exports");
  await expect(phone.getByText("Deposit (CSV)").first()).toBeVisible();
  await inspect(phone, "exports-phone", PHONE, info);
  await phone.goto("/omset?tab=ledger");
  await phone.getByRole("button", { name: "Ekspor" }).click();
  await expect(phone.getByRole("dialog", { name: "Ekspor: Deposit" })).toBeVisible();
  await inspect(phone, "dialog-phone", PHONE, info);
});
