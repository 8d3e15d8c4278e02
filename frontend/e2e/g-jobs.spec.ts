import { ADMIN, Desk } from "./desk";
import { expect, signIn, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
const PHONE: Look = { name: "phone dark id", width: 360, height: 780, theme: "dark", language: "id" };

test.beforeAll(async ({ baseURL }) => {
  await (await Desk.open(baseURL ?? "")).close();
});

test("an admin runs a job by hand, changes its schedule, pauses it and lets it go on", async ({
  cleanPage: page,
}, info) => {
  await signIn(page, ADMIN);
  await page.goto("/admin/settings");
  await page.getByRole("link", { name: "Scheduled work" }).click();
  const row = page.getByTestId("row").filter({ hasText: "Tidy up" });
  await row.getByRole("button", { name: "Run now" }).click();
  await expect(row.getByText("Done")).toBeVisible();
  await inspect(page, "jobs", WIDE, info);

  await row.getByText("Tidy up").click();
  const sheet = page.getByRole("dialog", { name: "Tidy up" });
  await expect(sheet.getByRole("list", { name: "History" }).getByText("Done").first()).toBeVisible();
  await inspect(page, "job", WIDE, info);
  await sheet.getByRole("button", { name: "Change schedule" }).click();
  await page.getByRole("radio", { name: "As a cron expression says" }).click();
  const expression = page.getByRole("textbox", { name: "Cron expression" });
  await expression.fill("0 0 31 2 *");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("There is no such date: this would never be due.")).toBeVisible();
  await inspect(page, "refused", WIDE, info);
  await expression.fill("*/15 * * * *");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(sheet.getByText("Every 15 minutes")).toBeVisible();

  await sheet.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Pause" }).click();
  await expect(sheet.getByText("Paused", { exact: true })).toBeVisible();
  await sheet.getByRole("button", { name: "Resume" }).click();
  await expect(sheet.getByText("Paused", { exact: true })).toBeHidden();
  await sheet.getByRole("button", { name: "Change schedule" }).click();
  await page.getByRole("button", { name: "Back to: Every day at 03:10" }).click();
  await expect(sheet.getByText("Every day at 03:10")).toBeVisible();
});

test("scheduled work on a phone, dark, in Indonesian", async ({ browser, baseURL }, info) => {
  const admin = await openAs(browser, baseURL ?? "", ADMIN, PHONE);
  for (const [name, url] of Object.entries({
    jobs: "/admin/settings/jobs",
    job: "/admin/settings/jobs?open=reservation_cleanup",
    schedule: "/admin/settings/jobs?open=request_expiry&panel=schedule",
  })) {
    await admin.goto(url);
    await expect(
      admin.getByRole("heading", { level: 1 }).or(admin.getByRole("dialog")).first(),
    ).toBeVisible();
    await inspect(admin, name, PHONE, info);
  }
  const { csrf_token } = await (await admin.request.get("/api/auth/me")).json();
  await admin.request.patch("/api/auth/me", {
    data: { theme: "system", language: "en" },
    headers: { "X-CSRF-Token": csrf_token },
  });
  await admin.context().close();
});
