import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "./fixtures";
import { inspect, type Look } from "./looks";

const PHONE: Look = { name: "phone light id", width: 360, height: 780, theme: "light", language: "id" };

let server: ChildProcess;
let folder = "";
let address = "";

/** A port that nobody listens at. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const door = createServer();
    door.once("error", reject);
    door.listen(0, "127.0.0.1", () => {
      const found = door.address();
      door.close(() => resolve(typeof found === "object" && found ? found.port : 0));
    });
  });
}

/** A server of its own that nobody has signed in to: the one of the other journeys has its first admin already. */
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "crm-boost-first-run-"));
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  const { CRM_DATABASE__URL: _url, CRM_DATA_DIR: _folder, CRM_PORT: _port, ...env } = process.env;
  server = spawn(process.env.E2E_SERVER ?? join("..", ".venv", "bin", "crm-boost"), ["serve"], {
    env: { ...env, PORT: String(port), DATA_DIR: folder },
    stdio: "ignore",
  });
  const ready = () =>
    fetch(`${address}/api/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(ready, { timeout: 60_000 }).toBe(true);
});

test.afterAll(async () => {
  if (server && server.exitCode === null) {
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill();
    await gone;
  }
  if (folder) await rm(folder, { recursive: true, force: true });
});

test("the first visitor becomes the first admin and lands on Today", async ({ browser }, info) => {
  const context = await browser.newContext({
    baseURL: address,
    locale: "id-ID",
    viewport: { width: PHONE.width, height: PHONE.height },
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await page.goto("/databases");
  await expect(page).toHaveURL(/\/setup$/);
  await expect(page.getByRole("heading", { name: "Selamat datang" })).toBeVisible();
  await expect(page.getByText(/10 karakter/)).toBeVisible();
  await inspect(page, "first-run", PHONE, info);

  await page.getByLabel("Nama").fill("Admin Pertama");
  await page.getByLabel("Email").fill("first@example.com");
  await page.getByLabel("Kata sandi").fill("short");
  await page.getByRole("button", { name: "Buat akun dan mulai" }).click();
  await expect(page.getByLabel("Kata sandi")).toHaveAttribute("aria-invalid", "true");
  await expect(page).toHaveURL(/\/setup$/);
  await page.getByLabel("Kata sandi").fill("long enough for the first");
  await page.getByRole("button", { name: "Buat akun dan mulai" }).click();
  await expect(page.locator("#content")).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/");
  const me = await (await page.request.get("/api/auth/me")).json();
  expect(me).toMatchObject({ email: "first@example.com", role: "master_admin" });

  // The door is shut: whoever comes next signs in.
  const again = await page.request.post("/api/setup", {
    data: { name: "Second", email: "second@example.com", password: "long enough for the second" },
    headers: { "X-CSRF-Token": me.csrf_token },
  });
  expect(again.status()).toBe(409);
  await context.clearCookies();
  await page.goto("/setup");
  await expect(page).toHaveURL(/\/sign-in/);
  await context.close();
});
