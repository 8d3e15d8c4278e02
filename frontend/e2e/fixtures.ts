import { test as base, expect, type Page } from "@playwright/test";

export type Account = { email: string; password: string };

/** Signs in through the form, as a person would, and waits for the frame of the app. */
export async function signIn(page: Page, account: Account): Promise<void> {
  await page.goto("/sign-in");
  await page.locator('input[type="email"]').fill(account.email);
  await page.locator('input[type="password"]').fill(account.password);
  await page.locator('button[type="submit"]').click();
  await expect(page.locator("#content")).toBeVisible();
}

/** A journey is at its worker's own server; `cleanPage` fails it on any error of the page itself or any request to another origin. */
export const test = base.extend<{ servers: string[]; cleanPage: Page }>({
  servers: [[], { option: true }],
  baseURL: ({ servers }, use, { parallelIndex }) => use(servers[parallelIndex]),
  cleanPage: async ({ page, baseURL }, use) => {
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      const own =
        url.protocol === "data:" || url.protocol === "blob:" || url.origin === new URL(baseURL ?? "").origin;
      if (!own) problems.push(`request to ${url.origin}`);
    });
    await use(page);
    expect(problems).toEqual([]);
  },
});

export { expect };
