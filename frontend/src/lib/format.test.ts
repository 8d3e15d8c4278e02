import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatDate,
  formatDateTime,
  formatDuration,
  formatLongDate,
  formatRelative,
} from "./format";
import { groupPhone, whatsAppLink } from "./phone";

describe("instants", () => {
  it("are shown in the business zone, whatever zone the browser is in", () => {
    // 18:30 UTC is already the next day in Jakarta.
    expect(formatDate("2025-02-28T18:30:00+00:00", "en-GB", "Asia/Jakarta")).toBe("1 Mar 2025");
    expect(formatDateTime("2025-02-28T18:30:00+00:00", "en-GB", "Asia/Jakarta")).toBe("1 Mar 2025, 01:30");
    expect(formatDate("2025-02-28T18:30:00+00:00", "en-GB", "UTC")).toBe("28 Feb 2025");
  });

  it("a business date is never shifted", () => {
    expect(formatLongDate("2025-03-01", "en-GB")).toMatch(/^Saturday,? 1 March 2025$/);
    expect(formatLongDate("2025-03-01", "id-ID")).toMatch(/^Sabtu, 0?1 Maret 2025$/);
  });

  it.each([
    [-30, "now"],
    [-90, "1 minute ago"],
    [-7_200, "2 hours ago"],
    [-90_000, "yesterday"],
    [86_400 * 3, "in 3 days"],
  ])("%s s from now: %s", (seconds, text) => {
    const now = Date.parse("2025-03-01T12:00:00Z");
    expect(formatRelative(new Date(now + seconds * 1000).toISOString(), "en-GB", now)).toBe(text);
  });
});

describe("sizes and durations", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_500, "1.5 kB"],
    [100_000_000, "100 MB"],
  ])("%s bytes: %s", (bytes, text) => {
    expect(formatBytes(bytes, "en-GB")).toBe(text);
  });

  it.each([
    [5, "0:05"],
    [65, "1:05"],
    [3_725, "1:02:05"],
    [-1, "0:00"],
  ])("%s s: %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe("phones", () => {
  it("are grouped for the eye and linked by their digits", () => {
    expect(groupPhone("+6281234567890")).toBe("+62 812 3456 7890");
    expect(groupPhone("+999123")).toBe("+999123");
    expect(whatsAppLink("+6281234567890")).toBe("https://wa.me/6281234567890");
  });
});
