import { randomUUID } from "node:crypto";
import { ADMIN, Desk, equation, people, someCsv, uploadFrom } from "./desk";
import { csvFile, rawFile } from "./files";
import { expect, signIn, test } from "./fixtures";

// A worker that starts anew after a failure prepares everything anew.
const RUN = randomUUID().slice(0, 6);
const PRODUCT = `Product Beta ${RUN}`;
let desk: Desk;

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  await desk.product(PRODUCT);
});
test.afterAll(() => desk?.close());
test.beforeEach(({ page }) => signIn(page, ADMIN));

const names = async (module: string) => (await desk.databases(module)).map((database) => database.name);

test("a file that is no table is refused with a clear reason, and nothing is stored", async ({
  cleanPage: page,
}) => {
  const before = await names("bonanza");
  await test.step("an empty file", async () => {
    await uploadFrom(page, "/bonanza", PRODUCT, rawFile("empty.csv", ""));
    await expect(page.getByRole("alert")).toContainText("The file is empty.");
  });
  await test.step("a picture that calls itself a workbook", async () => {
    const png = Buffer.from([
      0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 1, 2, 3, 0, 255, 254,
    ]);
    await uploadFrom(page, "/bonanza", PRODUCT, rawFile("picture.xlsx", png));
    await expect(page.getByRole("alert")).toContainText("This is not a table.");
  });
  await test.step("a header without rows", async () => {
    await uploadFrom(page, "/bonanza", PRODUCT, csvFile("header.csv", [["Username", "Name"]]));
    await expect(page.getByRole("alert")).toContainText("There is a header but no row below it.");
    await expect(page.getByRole("alert")).toContainText("Nothing of it is stored.");
  });
  await test.step("no column that could be the username", async () => {
    await uploadFrom(
      page,
      "/bonanza",
      PRODUCT,
      csvFile("cities.csv", [
        ["City", "Score"],
        ["A", "1"],
      ]),
    );
    await page.getByRole("button", { name: "See the report" }).click();
    await expect(page.getByText("Choose the column that identifies the customer.")).toBeVisible();
  });
  expect(await names("bonanza")).toEqual(before);
});

test("the same file twice is recognised before anything is written; cancelled, nothing is left", async ({
  cleanPage: page,
}) => {
  const file = someCsv(60, "twice");
  await uploadFrom(page, "/bonanza", PRODUCT, file);
  await page.getByRole("button", { name: "See the report" }).click();
  await page.getByRole("button", { name: "Import 60 rows" }).click();
  await expect(page.getByText("60 records stored")).toBeVisible();

  await uploadFrom(page, "/bonanza", PRODUCT, file);
  await page.getByRole("button", { name: "See the report" }).click();
  await expect(page.getByText("Exactly this file was already imported as “twice”")).toBeVisible();
  expect(await equation(page)).toMatchObject({ rows_total: 60, stored: 0, duplicates: 60 });
  await expect(page.getByRole("button", { name: /^Import/ })).toBeDisabled();
  await page.getByRole("radio", { name: "Import them too" }).click();
  await expect(page.getByRole("button", { name: "Import 60 rows" })).toBeEnabled();
  await page.reload();
  expect(await equation(page)).toMatchObject({ stored: 60, duplicates: 0 });

  await page.getByRole("button", { name: "Cancel upload" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel upload" }).click();
  await expect(page.getByText("This upload was cancelled")).toBeVisible();
  expect((await names("bonanza")).filter((name) => name === "twice")).toHaveLength(1);
  await page.goto("/bonanza?tab=imports");
  await expect(page.getByTestId("row").first()).toContainText("Cancelled");
});

test("an import can be undone while nobody has touched it, and not after", async ({ cleanPage: page }) => {
  await uploadFrom(page, "/bonanza", PRODUCT, csvFile("undo me.csv", people(40, "undo")));
  await page.getByRole("button", { name: "See the report" }).click();
  await page.getByRole("button", { name: "Import 40 rows" }).click();
  await expect(page.getByText("40 records stored")).toBeVisible();
  const address = page.url();
  await page.getByRole("button", { name: "Undo the import" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Undo the import" }).click();
  await expect(page.getByText("This import was undone")).toBeVisible();
  await page.goto("/bonanza");
  await expect(page.getByTestId("row").first()).toBeVisible();
  await expect(page.getByText("undo me", { exact: true })).toHaveCount(0);
  await page.goto(address);
  await expect(page.getByText("This import was undone")).toBeVisible();

  const staff = await desk.staff("Staff Beta", `beta-${RUN}@example.com`);
  await uploadFrom(page, "/bonanza", PRODUCT, csvFile("keep me.csv", people(30, "keep")));
  await page.getByRole("button", { name: "See the report" }).click();
  await page.getByRole("button", { name: "Import 30 rows" }).click();
  await expect(page.getByText("30 records stored")).toBeVisible();
  const kept = (await desk.databases("bonanza")).find((database) => database.name === "keep me");
  await desk.assignRandom("bonanza", kept?.id ?? "", staff.id, 1);
  await page.getByRole("button", { name: "Undo the import" }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByRole("button", { name: "Undo the import" }).click();
  await expect(dialog.getByRole("alert")).toContainText("can no longer be undone");
  expect(await names("bonanza")).toContain("keep me");
});

test("a database goes to the trash with what was held, and comes back", async ({ cleanPage: page }) => {
  const product = await desk.product(`Product Gamma ${RUN}`);
  const staff = await desk.staff("Staff Gamma", `gamma-${RUN}@example.com`);
  const id = await desk.database("/api/memberwd/upload", product, "Short lived", someCsv(25, "short"));
  await desk.assignRandom("memberwd", id, staff.id, 5);
  await page.goto(`/member-wd/${id}`);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toContainText("25 records goes to the trash");
  await dialog.getByRole("button", { name: "Delete database" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.getByRole("checkbox").click();
  await dialog.getByRole("button", { name: "Delete database" }).click();
  await expect(page).toHaveURL(/\/member-wd$/);
  await page.getByRole("tab", { name: "Trash" }).click();
  await page.getByRole("button", { name: "Restore Short lived" }).click();
  await expect(page.getByText("Short lived is back")).toBeVisible();
  await page.goto(`/member-wd/${id}`);
  await expect(page.getByRole("group", { name: /Counts/ })).toContainText("25");
});
