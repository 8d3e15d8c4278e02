import { randomUUID } from "node:crypto";
import type { APIRequestContext, Page } from "@playwright/test";
import { ADMIN, apiAs, Desk, ok, someCsv } from "./desk";
import { type Account, expect, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

const RUN = randomUUID().slice(0, 6);
const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
/** Generous: the machine of a test run may be busy. */
const SOON = { timeout: 30_000 };
/** Between the server's answer and the change on the other page; it stands beside the result. */
const AT_ONCE_MS = 2_000;

test.setTimeout(180_000);

let desk: Desk;
let product: string;
let pool: string;
let ana: Account & { id: string };
let asAna: APIRequestContext;

test.beforeAll(async ({ baseURL }) => {
  desk = await Desk.open(baseURL ?? "");
  product = await desk.product(`Product Lima ${RUN}`);
  ana = await desk.staff(`Ana ${RUN}`, `ana-l-${RUN}@example.com`);
  pool = await desk.database("/api/bonanza/upload", product, `Live ${RUN}`, someCsv(3, `live${RUN}`));
  await desk.assignRandom("bonanza", pool, ana.id, 3);
  asAna = await apiAs(baseURL ?? "", ana);
});
test.afterAll(async () => {
  await asAna?.dispose();
  await desk?.close();
});

/** When a button of this name is pressed on the page, by the page itself: nobody looks from outside now and then. */
async function pressedAt(page: Page, name: string): Promise<{ at: () => Promise<number> }> {
  const found = await page.evaluateHandle(
    (wanted) => ({
      at: new Promise<number>((resolve) => {
        const look = () => {
          const pressed = [...document.querySelectorAll("button[aria-pressed=true]")];
          const names = pressed.map((button) => button.getAttribute("aria-label") ?? button.textContent);
          if (!names.some((each) => each?.trim() === wanted)) return;
          watch.disconnect();
          resolve(Date.now());
        };
        const watch = new MutationObserver(look);
        watch.observe(document.body, {
          subtree: true,
          childList: true,
          attributes: true,
          characterData: true,
        });
        look();
      }),
    }),
    name,
  );
  return { at: () => found.evaluate(({ at }) => at) };
}

/** Every request of a page to the API from now on, the stream itself left out. */
function requestsOf(page: Page): string[] {
  const seen: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/") && pathname !== "/api/stream") seen.push(pathname);
  });
  return seen;
}

test("what one marks and books is on the open pages of another without reload and without polling", async ({
  browser,
  baseURL,
}, info) => {
  const { today } = await (await ok(await asAna.get("/api/server-time"))).json();
  const [record] = await (await ok(await asAna.get("/api/my/records"))).json();
  const admin = await openAs(browser, baseURL ?? "", ADMIN, WIDE);
  // Two tabs of one browser: they share the stream.
  const other = await admin.context().newPage();
  await admin.goto(`/customers/${record.customer_id}`);
  await expect(admin.getByTestId("customer-record")).toHaveCount(1);
  await other.goto(`/omset?tab=ledger&product_id=${product}`);
  await expect(other.locator("[aria-busy=true]")).toHaveCount(0);
  await expect(other.getByText(`depositor-${RUN}`)).toHaveCount(0);
  const loads: string[] = [];
  for (const page of [admin, other]) page.on("load", () => loads.push(page.url()));

  await test.step("marks, each within two seconds", async () => {
    let { version } = record;
    const took: number[] = [];
    for (const [status, name] of [
      ["ada", "Active"],
      ["ceklis1", "1 tick"],
      ["ada", "Active"],
    ] as const) {
      const change = await pressedAt(admin, name);
      const mark = { record_id: record.id, version, whatsapp_status: status };
      const answer = await (await ok(await asAna.post("/api/my/marks", { data: { marks: [mark] } }))).json();
      const marked = Date.now();
      version = answer.records[0].version;
      took.push((await change.at()) - marked);
      await expect(admin.getByRole("button", { name, exact: true, pressed: true })).toBeVisible(SOON);
    }
    info.annotations.push({ type: "marks are seen", description: `${took.join(", ")} ms after the answer` });
    const [, middle] = took.sort((a, b) => a - b);
    expect(middle).toBeLessThan(AT_ONCE_MS);
  });

  await test.step("a deposit", async () => {
    const form = {
      product_id: product,
      record_date: today,
      customer_id: `depositor-${RUN}`,
      nominal: 750_000,
    };
    await ok(await asAna.post("/api/omset", { data: form }));
    await expect(other.getByText(`depositor-${RUN}`).first()).toBeVisible(SOON);
  });

  await test.step("nothing is asked for while nothing changes", async () => {
    // What the changes have set off comes to rest first.
    const quiet = [requestsOf(admin), requestsOf(other)];
    let before = -1;
    await expect
      .poll(
        () => {
          const now = quiet.flat().length;
          const rested = now === before;
          before = now;
          return rested;
        },
        { intervals: [3_000] },
      )
      .toBe(true);
    const seen = [requestsOf(admin), requestsOf(other)];
    await admin.waitForTimeout(6_000);
    expect(seen.flat()).toEqual([]);
    expect(loads).toEqual([]);
  });

  await test.step("and Today shows what follows from it", async () => {
    await admin.goto("/");
    await expect(admin.getByRole("link", { name: /Turnover today/ })).toBeVisible();
    await inspect(admin, "today", WIDE, info);
  });
  await admin.context().close();
});
