import { ADMIN, Desk, equation, people, STAFF_PASSWORD, tile, uploadFrom } from "./desk";
import { csvFile, xlsxFile } from "./files";
import { expect, signIn, test } from "./fixtures";

const PHONE = { width: 390, height: 844 };

test("upload real files, deal 50 at random, see them on a phone, recall 10", async ({
  cleanPage: page,
  browser,
  baseURL,
}) => {
  await (await Desk.open(baseURL ?? "")).close();
  await signIn(page, ADMIN);

  await test.step("a product and a staff", async () => {
    await page.goto("/admin/products");
    await page.getByRole("button", { name: "New product" }).first().click();
    const sheet = page.getByRole("dialog");
    await sheet.getByLabel("Name").fill("Product Alpha");
    await sheet.getByRole("button", { name: "Create" }).click();
    await expect(page.getByRole("table")).toContainText("Product Alpha");
    await page.goto("/admin/users");
    await page.getByRole("button", { name: "New user" }).first().click();
    await sheet.getByLabel("Name").fill("Staff Alpha");
    await sheet.getByLabel("Email").fill("alpha@example.com");
    await sheet.getByLabel("Password", { exact: true }).fill(STAFF_PASSWORD);
    await sheet.getByRole("button", { name: "Create" }).click();
    await expect(page.getByRole("table")).toContainText("Staff Alpha");
  });

  await test.step("an XLSX through the wizard: text stays text", async () => {
    const rows = people(80, "wd");
    rows[1] = ["wd0001", "刘伟 😀", "081234567890", "=SUM(A1)", "00123"];
    await uploadFrom(page, "/member-wd", "Product Alpha", xlsxFile("deposits.xlsx", rows));
    await expect(page.getByRole("cell", { name: "=SUM(A1)" })).toBeVisible();
    await expect(page.getByLabel("Username")).toHaveValue("0");
    await expect(page.getByLabel("Phone")).toHaveValue("2");
    await page.getByRole("button", { name: "See the report" }).click();
    await page.getByRole("button", { name: "Import 80 rows" }).click();
    await expect(page.getByText("80 records stored in “deposits”")).toBeVisible();
    expect((await equation(page)).stored).toBe(80);
    await page.getByRole("link", { name: "Open the database" }).click();
    const first = page.getByTestId("row").first();
    for (const text of ["wd0001", "刘伟 😀", "+62 812 3456 7890", "=SUM(A1)", "00123"]) {
      await expect(first).toContainText(text);
    }
  });

  await test.step("a CSV through the wizard: every row is accounted for", async () => {
    const rows = people(120, "cust");
    rows.push(["CUST0001", "twice", "", "", ""], ["", "nobody", "", "", ""], ["", "", "", "", ""]);
    await uploadFrom(page, "/databases", "Product Alpha", csvFile("june.csv", rows));
    await page.getByRole("button", { name: "See the report" }).click();
    await expect(page.getByTestId("eq-stored")).toBeVisible();
    expect(await equation(page)).toEqual({
      rows_total: 123,
      stored: 120,
      duplicates: 1,
      reserved: 0,
      rejected: 1,
      blank: 1,
    });
    await page.getByLabel("Name of the database").fill("June leads");
    await page.getByRole("button", { name: "Import 120 rows" }).click();
    await expect(page.getByText("120 records stored in “June leads”")).toBeVisible();
    expect(await equation(page)).toMatchObject({ rows_total: 123, stored: 120 });
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "as CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.csv$/);
    await page.getByRole("link", { name: "Open the database" }).click();
    await expect(tile(page, "Total")).toContainText("120");
  });

  await test.step("50 at random to the staff", async () => {
    await page.getByRole("button", { name: "Assign", exact: true }).click();
    const sheet = page.getByRole("dialog", { name: "Assign records" });
    await expect(sheet).toContainText("120 records can be assigned");
    await sheet.getByLabel("How many").fill("50");
    await sheet.getByLabel("Staff Alpha").click();
    await sheet.getByRole("button", { name: "Assign 50 records" }).click();
    await expect(page.getByText("50 records assigned")).toBeVisible();
    await expect(tile(page, "Assigned")).toContainText("50");
    await expect(tile(page, "Available")).toContainText("70");
  });

  const dealt = await test.step("exactly those 50 are assigned", async () => {
    await tile(page, "Assigned").click();
    await expect(page.getByText("1–50 of 50")).toBeVisible();
    return (await page.getByTestId("customer").allInnerTexts()).sort();
  });
  expect(new Set(dealt).size).toBe(50);

  const staffContext = await browser.newContext({ viewport: PHONE, hasTouch: true, baseURL });
  const phone = await staffContext.newPage();
  await test.step("the staff sees exactly those 50 on a phone", async () => {
    await signIn(phone, { email: "alpha@example.com", password: STAFF_PASSWORD });
    await phone.goto("/customers");
    await expect(phone.getByRole("heading", { name: "Pelanggan saya" })).toBeVisible();
    await expect(phone.getByRole("link", { name: /June leads.*50 pelanggan/s })).toBeVisible();
    await expect(phone.getByText("1–50 dari 50")).toBeVisible();
    const seen = await phone.getByTestId("customer").allInnerTexts();
    expect(seen.sort()).toEqual(dealt);
    const link = phone
      .getByTestId("row")
      .first()
      .getByRole("link", { name: /WhatsApp/ });
    await expect(link).toHaveAttribute("href", /^https:\/\/wa\.me\/62812\d+$/);
    const width = await phone.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(PHONE.width);
  });

  await test.step("recall 10", async () => {
    for (let index = 0; index < 10; index += 1) {
      await page.getByTestId("row").nth(index).getByRole("checkbox").click();
    }
    const bar = page.getByRole("region", { name: "Selected rows" });
    await expect(bar).toContainText("10 selected");
    await bar.getByRole("button", { name: "Recall" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Recall 10 records" }).click();
    await expect(page.getByText("10 records recalled")).toBeVisible();
    await expect(tile(page, "Assigned")).toContainText("40");
    await phone.reload();
    await expect(phone.getByText("1–40 dari 40")).toBeVisible();
  });

  await test.step("and the recall can be undone", async () => {
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByText("10 records put back")).toBeVisible();
    await expect(tile(page, "Assigned")).toContainText("50");
    await phone.reload();
    await expect(phone.getByText("1–50 dari 50")).toBeVisible();
    const seen = await phone.getByTestId("customer").allInnerTexts();
    expect(seen.sort()).toEqual(dealt);
  });
  await staffContext.close();
});
