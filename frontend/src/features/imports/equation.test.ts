import { describe, expect, it } from "vitest";
import { planned } from "./equation";
import type { Report } from "./types";

// new, old, reserved, reserved and old, new again, reserved twice, no identity, blank
const REPORT: Report = {
  rows_total: 9,
  blank: 1,
  rejected: 1,
  rejected_reasons: [{ reason: "no_identity", count: 1 }],
  duplicates_in_file: 2,
  duplicates_in_product: 2,
  reserved: 4,
  reserved_not_duplicate: 2,
  reserved_by: [],
  bad_phones: 0,
};

describe("planned equation", () => {
  it.each([
    ["skip", "store", { stored: 3, duplicates: 4, reserved_skipped: 0 }],
    ["skip", "skip", { stored: 1, duplicates: 4, reserved_skipped: 2 }],
    ["import", "store", { stored: 7, duplicates: 0, reserved_skipped: 0 }],
    ["import", "skip", { stored: 3, duplicates: 0, reserved_skipped: 4 }],
  ] as const)("duplicates %s, reserved %s", (duplicates, reserved, expected) => {
    const parts = planned(REPORT, duplicates, reserved);
    expect(parts).toMatchObject({ ...expected, rows_total: 9, rejected: 1, blank: 1 });
    expect(parts.stored + parts.duplicates + parts.reserved_skipped + parts.rejected + parts.blank).toBe(9);
  });
});
