import type { APIRequestContext } from "@playwright/test";
import { ADMIN, apiAs, Desk, ok } from "./desk";
import { expect, test } from "./fixtures";
import { type Look, openAs } from "./looks";
import { OwnServer } from "./server";

const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
/** Generous: the machine of a test run may be busy. */
const SOON = { timeout: 30_000 };

test.setTimeout(180_000);

let server: OwnServer;
let desk: Desk;
let product: string;
let ana: APIRequestContext;
let today: string;

test.beforeAll(async () => {
  server = await OwnServer.begin();
  desk = await Desk.open(server.url);
  product = await desk.product("Product Lima");
  ana = await apiAs(server.url, await desk.staff("Ana Lima", "ana-lima@example.com"));
  today = (await (await ok(await ana.get("/api/server-time"))).json()).today;
});
test.afterAll(async () => {
  await ana?.dispose();
  await desk?.close();
  await server?.end();
});

const book = async (customer: string) => {
  const form = { product_id: product, record_date: today, customer_id: customer, nominal: 750_000 };
  await ok(await ana.post("/api/omset", { data: form }));
};

test("the server is restarted: open pages hear again, and of what happened while they heard nothing", async ({
  browser,
}) => {
  const admin = await openAs(browser, server.url, ADMIN, WIDE);
  // Two tabs share one stream; both have to come back.
  const other = await admin.context().newPage();
  await admin.goto("/omset?tab=ledger");
  await other.goto("/omset?tab=ledger");
  const loads: string[] = [];
  for (const page of [admin, other]) {
    await expect(page.getByRole("tab", { name: "All deposits", selected: true })).toBeVisible();
    page.on("load", () => loads.push(page.url()));
  }
  const bothShow = async (customer: string) => {
    for (const page of [admin, other]) await expect(page.getByText(customer).first()).toBeVisible(SOON);
  };
  await book("before");
  await bothShow("before");

  await admin.context().setOffline(true);
  await server.stop();
  await server.start();
  await book("unheard");
  await expect(admin.getByText("unheard")).toHaveCount(0);
  await admin.context().setOffline(false);
  await bothShow("unheard");

  await book("after");
  await bothShow("after");
  expect(loads).toEqual([]);
  await admin.context().close();
});
