import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

/** A Chromium of the machine: the variable first, then the usual place, then whatever is on the PATH. */
function chromiumPath(): string | undefined {
  const named = process.env.CRM_TEST_CHROMIUM;
  if (named) return named;
  if (existsSync("/usr/bin/chromium")) return "/usr/bin/chromium";
  try {
    return execFileSync("which", ["chromium"], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** One address for each worker: a journey counts on nobody else changing anything at its server. */
const servers = (process.env.E2E_BASE_URL ?? "http://127.0.0.1:8000").split(" ");

export default defineConfig<{ servers: string[] }>({
  testDir: "./e2e",
  workers: servers.length,
  // A journey that fails is tried again and reported as flaky: a real fault fails every time.
  retries: 2,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: process.env.CI ? [["list"]] : [["list"], ["html", { open: "never" }]],
  use: {
    servers,
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    screenshot: "only-on-failure",
    trace: process.env.E2E_TRACE ? "retain-on-failure" : "off",
    launchOptions: {
      executablePath: chromiumPath(),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
