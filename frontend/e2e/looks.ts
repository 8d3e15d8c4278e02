import AxeBuilder from "@axe-core/playwright";
import type { Browser, Locator, Page, TestInfo } from "@playwright/test";
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

/** Texts of a place that lie on each other, are cut off or stick out; what lies beyond the edge of what scrolls is not on screen. */
export function crowded(place: Locator): Promise<string[]> {
  return place.evaluate((root) => {
    const found: string[] = [];
    const shown: { text: string; box: DOMRect; parent: Element }[] = [];
    const clips = (value: string) => value === "auto" || value === "scroll";
    /** The part of a box that is on screen: what scrolls or hides its contents cuts it. */
    const visible = (box: DOMRect, from: Element) => {
      let [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom];
      for (let at: Element | null = from; at && root.contains(at); at = at.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(at);
        const edge = at.getBoundingClientRect();
        if (clips(overflowX)) [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
        if (clips(overflowY)) [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
      }
      return new DOMRect(left, top, right - left, bottom - top);
    };
    const frame = root.getBoundingClientRect();
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const text = node.textContent?.trim();
      const parent = node.parentElement;
      if (!text || !parent || parent.closest(".sr-only")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const whole of range.getClientRects()) {
        const box = visible(whole, parent);
        if (box.width < 1 || box.height < 1) continue;
        shown.push({ text, box, parent });
        const svg = parent.closest("svg")?.getBoundingClientRect() ?? frame;
        const out = Math.max(
          frame.left - box.left,
          box.right - frame.right,
          svg.left - box.left,
          box.right - svg.right,
          svg.top - box.top,
          box.bottom - svg.bottom,
        );
        if (out > 1.5) found.push(`"${text}" sticks out`);
      }
    }
    for (const element of root.querySelectorAll<HTMLElement>("*")) {
      if (element.closest(".sr-only") || !element.textContent?.trim() || !(element instanceof HTMLElement))
        continue;
      if (getComputedStyle(element).overflowX === "hidden" && element.scrollWidth > element.clientWidth + 1) {
        found.push(`"${element.textContent.slice(0, 40)}" is cut off`);
      }
    }
    for (const [index, a] of shown.entries()) {
      for (const b of shown.slice(index + 1)) {
        if (a.parent === b.parent) continue;
        const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        // Lines of text have air above and below that may be shared.
        if (wide > 1 && high > Math.min(a.box.height, b.box.height) / 4)
          found.push(`"${a.text}" lies on "${b.text}"`);
      }
    }
    return [...new Set(found)];
  });
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
