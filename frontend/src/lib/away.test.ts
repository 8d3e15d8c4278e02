import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { isAway, watchTouches } from "./away";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("a minute after the last touch nobody is taken to be there", () => {
  watchTouches();
  window.dispatchEvent(new Event("keydown"));
  vi.advanceTimersByTime(59_000);
  expect(isAway()).toBe(false);
  vi.advanceTimersByTime(2_000);
  expect(isAway()).toBe(true);
  window.dispatchEvent(new Event("pointermove"));
  expect(isAway()).toBe(false);
});
