import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { ADMIN, Desk } from "./desk";
import { expect, test } from "./fixtures";
import { inspect, type Look, openAs } from "./looks";

const WIDE: Look = { name: "wide light en", width: 1440, height: 900, theme: "light", language: "en" };
const PHONE: Look = { name: "phone dark id", width: 360, height: 780, theme: "dark", language: "id" };

type Received = { headers: IncomingHttpHeaders; body: string };

/** The other side: takes what it is sent. */
async function receiver() {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, received, close: () => server.close() };
}

function isSigned({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  return headers["webhook-signature"] === `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
}

test("a script gets a token, works with it until it is ended; a sign-in elsewhere is ended", async ({
  browser,
  baseURL,
  playwright,
}, info) => {
  const desk = await Desk.open(baseURL ?? "");
  // Somebody of their own: signing out everywhere else would end what other journeys are signed in with.
  const rina = await desk.staff("Rina", "rina.of-the-scripts@example.com");
  await desk.close();
  const page = await openAs(browser, baseURL ?? "", rina, WIDE);
  const elsewhere = await openAs(browser, baseURL ?? "", rina, WIDE);
  await page.goto("/profile");
  await page.getByRole("button", { name: "New token" }).click();
  const sheet = page.getByRole("dialog", { name: "New token" });
  await sheet.getByLabel("Name").fill("Nightly report");
  await inspect(page, "new-token", WIDE, info);
  await sheet.getByRole("button", { name: "Create" }).click();
  const made = page.getByRole("dialog", { name: "The token Nightly report" });
  const token = (await made.getByText(/^crmb_pat_/).textContent()) ?? "";
  await inspect(page, "token-once", WIDE, info);
  await made.getByRole("button", { name: "I have kept it" }).click();
  await expect(page.getByText(token)).toHaveCount(0);

  const script = await playwright.request.newContext({
    baseURL,
    extraHTTPHeaders: { Authorization: `Bearer ${token}` },
  });
  expect((await script.get("/api/omset")).status()).toBe(200);
  const refused = await script.post("/api/omset/preview", { data: {} });
  expect([refused.status(), (await refused.json()).code]).toEqual([403, "scope_missing"]);
  await page.getByRole("button", { name: "End the token Nightly report" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End" }).click();
  await expect(page.getByText("The token Nightly report has ended")).toBeVisible();
  expect((await script.get("/api/omset")).status()).toBe(401);
  await script.dispose();

  await inspect(page, "profile", WIDE, info);
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(page.getByText("Signed out everywhere else")).toBeVisible();
  expect((await elsewhere.request.get("/api/auth/me")).status()).toBe(401);
  expect((await page.request.get("/api/auth/me")).status()).toBe(200);
  await elsewhere.context().close();
  await page.context().close();
});

test("another system is told, and its log says so; on a phone too", async ({ browser, baseURL }, info) => {
  const other = await receiver();
  const admin = await openAs(browser, baseURL ?? "", ADMIN, WIDE);
  await admin.goto("/admin/settings");
  await admin.getByRole("link", { name: "Webhooks" }).click();
  await admin.getByRole("button", { name: "New webhook" }).first().click();
  const form = admin.getByRole("dialog", { name: "New webhook" });
  await form.getByLabel("Name").fill("Warehouse");
  await form.getByLabel("Address").fill("http://10.0.0.1/hook");
  await form.getByRole("checkbox", { name: /^Deposits that count/ }).click();
  await form.getByRole("button", { name: "Create" }).click();
  await expect(form.getByText("Use an address that begins with https://.")).toBeVisible();
  await form.getByLabel("Address").fill(other.url);
  await inspect(admin, "new-webhook", WIDE, info);
  await form.getByRole("button", { name: "Create" }).click();
  const made = admin.getByRole("dialog", { name: "The secret of Warehouse" });
  const secret = (await made.getByText(/^whsec_/).textContent()) ?? "";
  await made.getByRole("button", { name: "I have kept it" }).click();

  await admin.getByText("Warehouse", { exact: true }).click();
  const sheet = admin.getByRole("dialog", { name: "Warehouse" });
  await sheet.getByRole("button", { name: "Try it" }).click();
  // The page is told when it has arrived.
  await expect(sheet.getByRole("list", { name: "Deliveries" }).getByText("Taken")).toBeVisible();
  const [trial] = other.received;
  if (!trial) throw new Error("nothing has arrived");
  expect(JSON.parse(trial.body).type).toBe("ping");
  expect(isSigned(trial, secret)).toBe(true);
  await inspect(admin, "webhook", WIDE, info);
  const address = new URL(admin.url());
  await admin.context().close();

  const phone = await openAs(browser, baseURL ?? "", ADMIN, PHONE);
  for (const [name, url] of Object.entries({
    webhooks: address.pathname,
    webhook: `${address.pathname}${address.search}`,
    profile: "/profile",
  })) {
    await phone.goto(url);
    await expect(
      phone.getByRole("heading", { level: 1 }).or(phone.getByRole("dialog")).first(),
    ).toBeVisible();
    await inspect(phone, `phone-${name}`, PHONE, info);
  }
  const { csrf_token } = await (await phone.request.get("/api/auth/me")).json();
  const headers = { "X-CSRF-Token": csrf_token };
  await phone.request.patch("/api/auth/me", { data: { theme: "system", language: "en" }, headers });
  const id = address.searchParams.get("open");
  expect((await phone.request.delete(`/api/webhooks/${id}`, { headers })).status()).toBe(204);
  await phone.context().close();
  other.close();
});
