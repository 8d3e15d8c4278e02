import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page, TestInfo } from "@playwright/test";
import { type Account, expect, signIn } from "./fixtures";

/** A size, theme and language in which a page is seen. */
export type Look = {
  name: string;
  width: number;
  height: number;
  theme: "light" | "dark";
  language: "en" | "id";
  /** How much larger its pictures are; 1 when it does not say. */
  scale?: number;
};

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Signs somebody in, in a browser of their own with this look. */
export async function openAs(browser: Browser, baseURL: string, account: Account, look: Look): Promise<Page> {
  const context = await browser.newContext({
    baseURL,
    viewport: { width: look.width, height: look.height },
    reducedMotion: "reduce",
    deviceScaleFactor: look.scale ?? 1,
  });
  const page = await context.newPage();
  await signIn(page, account);
  const me = await (await page.request.get("/api/auth/me")).json();
  const saved = await page.request.patch("/api/auth/me", {
    data: { theme: look.theme, language: look.language },
    headers: { "X-CSRF-Token": me.csrf_token },
  });
  expect(saved.ok()).toBe(true);
  return page;
}

/** What is on screen is whole: nothing serious for axe, no sideways scrolling; a picture is kept beside the results. */
export async function inspect(page: Page, name: string, look: Look, info: TestInfo): Promise<void> {
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  await page.screenshot({ path: info.outputPath(`${name}.png`) });
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map((node) => node.target.join(" "))
          .slice(0, 3)
          .join(" | ")}`,
    );
  expect(serious, `${name}, ${look.name}`).toEqual([]);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width, `${name} scrolls sideways, ${look.name}`).toBeLessThanOrEqual(look.width);
}
