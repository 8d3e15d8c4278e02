import { randomUUID } from "node:crypto";
import type { APIRequestContext } from "@playwright/test";
import { ADMIN, apiAs, Desk, ok } from "./desk";
import { type Account, expect, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

const RUN = randomUUID().slice(0, 6);
const PRODUCT = `Product Kilo ${RUN}`;
const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
const PHONE: Look = { name: "phone dark id", width: 360, height: 780, theme: "dark", language: "id" };

let desk: Desk;
let product: string;
let ana: Account & { id: string };
let anasApi: APIRequestContext;
let today: string;
let booked = 0;

async function book(count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    booked += 1;
    await ok(
      await anasApi.post("/api/omset", {
        data: {
          product_id: product,
          record_date: today,
          customer_id: `kilo${RUN}${booked}`,
          nominal: 50_000,
        },
      }),
    );
  }
}

test.setTimeout(180_000);

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  product = await desk.product(PRODUCT);
  ana = await desk.staff(`Ana Kilo ${RUN}`, `ana-k-${RUN}@example.com`);
  anasApi = await apiAs(baseURL ?? "", ana);
  today = (await (await ok(await anasApi.get("/api/server-time"))).json()).today;
  await book(3);
});
test.afterAll(async () => {
  await anasApi?.dispose();
  await desk?.close();
});

test("an admin sets a target, the staff reaches it, and every page shows the same without a reload", async ({
  browser,
  baseURL,
}, info) => {
  const staff = await openAs(browser, baseURL ?? "", ana, WIDE);
  await staff.goto("/");
  await expect(staff.getByText("Still 7 NDP or 15 RDP to reach today's target.")).toBeVisible();

  const page = await openAs(browser, baseURL ?? "", ADMIN, WIDE);
  await page.goto("/team");
  await page.getByRole("link", { name: `Ana Kilo ${RUN}` }).click();
  await page.getByRole("button", { name: "Change targets" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("NDP of a day").fill("0");
  await sheet.getByRole("button", { name: "Save" }).click();
  await expect(sheet.getByText("A whole number from 1 to 1,000.")).toBeVisible();
  await sheet.getByLabel("NDP of a day").fill("5");
  await inspect(page, "targets", WIDE, info);
  await sheet.getByRole("button", { name: "Save" }).click();
  await expect(sheet).toBeHidden();
  await expect(page.getByText("Own targets")).toBeVisible();

  // The other browser follows by itself: the new target, and then what is booked.
  await expect(staff.getByText("Still 2 NDP or 15 RDP to reach today's target.")).toBeVisible();
  await book(2);
  await expect(staff.getByText("Today's target is reached.")).toBeVisible();
  await inspect(staff, "banner", WIDE, info);
  await expect(page.getByLabel("Figures").getByText("5 / 5")).toBeVisible();
  await inspect(page, "staff", WIDE, info);

  await staff.getByRole("link", { name: "My progress" }).last().click();
  await expect(staff.getByRole("list", { name: "Days" }).getByText("Succeeded by NDP")).toBeAttached();
  await staff.getByRole("link", { name: "Leaderboard" }).click();
  await expect(staff.getByRole("navigation").locator("[data-status=active]")).toHaveText("Leaderboard");
  const row = staff.getByRole("row").filter({ hasText: `Ana Kilo ${RUN}` });
  await expect(row).toContainText("you");
  await expect(row).toContainText("250,000");
  await staff.getByRole("button", { name: "All time" }).click();
  await expect(staff).toHaveURL(/period=all/);
  await expect(row).toContainText("250,000");
  await staff.goBack();
  await inspect(staff, "leaderboard", WIDE, info);

  await staff.goto("/reports");
  const figures = staff.getByRole("region", { name: "Figures" });
  await expect(figures).toContainText("250,000");
  await staff.getByRole("tab", { name: "Staff" }).click();
  await expect(staff.getByRole("row").filter({ hasText: `Ana Kilo ${RUN}` })).toContainText("250,000");
  const file = staff.waitForEvent("download");
  await staff.getByRole("link", { name: "Excel file" }).click();
  expect((await file).suggestedFilename()).toBe(`report-${today.slice(0, 7)}.xlsx`);
  await inspect(staff, "report", WIDE, info);
  expect((await staff.request.get("/api/admin/staff-target-progress")).status()).toBe(403);
  await staff.context().close();
  await page.context().close();
});

test("the pages on a phone, dark, in Indonesian", async ({ browser, baseURL }, info) => {
  const admin = await openAs(browser, baseURL ?? "", ADMIN, PHONE);
  for (const [name, url] of Object.entries({
    team: "/team",
    quality: "/team?tab=quality&period=year",
    staff: `/team/${ana.id}`,
    targets: "/team?panel=targets",
    leaderboard: "/team/leaderboard?by=ndp",
    report: "/reports",
    month: "/reports?tab=month",
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
