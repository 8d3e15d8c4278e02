import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCompact,
  formatDate,
  formatDateTime,
  formatDuration,
  formatLongDate,
  formatRelative,
  formatTick,
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

describe("what stands at a chart's axis", () => {
  it.each([
    [950, "950", "950"],
    [12_500, "12.5K", "12,5 rb"],
    [1_500_000, "1.5M", "1,5 jt"],
    [2_400_000_000, "2.4B", "2,4 M"],
  ])("%d is abbreviated as each language does", (value, english, indonesian) => {
    expect(formatCompact(value, "en-GB")).toBe(english);
    expect(formatCompact(value, "id-ID").replace("\u00a0", " ")).toBe(indonesian);
  });

  it("days and months are short, and never shifted", () => {
    expect(formatTick("2025-03-01", "en-GB")).toBe("1 Mar");
    expect(formatTick("2025-03", "id-ID")).toBe("Mar 25");
  });
});
