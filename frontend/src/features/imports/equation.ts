import type { DuplicateChoice, Report, ReservedChoice, Result } from "./types";

export type Parts = Pick<
  Result,
  "rows_total" | "stored" | "duplicates" | "reserved_skipped" | "rejected" | "blank"
>;

/**
 * What a commit with these choices will do to the rows of the report (spec 2.2): the same equation as the result's,
 * rows = stored + duplicates + reserved skipped + rejected + blank. A row that is a duplicate and reserved counts as
 * what it is left out for first: the duplicate.
 */
export function planned(report: Report, duplicates: DuplicateChoice, reserved: ReservedChoice): Parts {
  const skippedDuplicates =
    duplicates === "skip" ? report.duplicates_in_file + report.duplicates_in_product : 0;
  const skippedReserved =
    reserved === "store" ? 0 : duplicates === "skip" ? report.reserved_not_duplicate : report.reserved;
  const { rows_total, rejected, blank } = report;
  return {
    rows_total,
    duplicates: skippedDuplicates,
    reserved_skipped: skippedReserved,
    rejected,
    blank,
    stored: rows_total - skippedDuplicates - skippedReserved - rejected - blank,
  };
}
