import type { BulkReview } from "./types";

/** The server decides at most 200 at a time; parts of this size show how it goes. */
export const REVIEWS_AT_ONCE = 50;

/** What came of all parts. `left` are the requests that no answer came for, and why the first of their parts failed. */
export type Reviewed = BulkReview & { left?: { ids: string[]; error: unknown } };

/**
 * Sends many requests to be decided in parts, one after the other. What was decided before a part was refused stays
 * decided and is told; the refusal of the very first is thrown.
 */
export async function reviewInParts(
  ids: readonly string[],
  decide: (part: string[]) => Promise<BulkReview>,
  onProgress?: (decided: number) => void,
): Promise<Reviewed> {
  const all: Reviewed = { success_count: 0, failed_count: 0, results: [] };
  for (let start = 0; start < ids.length; start += REVIEWS_AT_ONCE) {
    try {
      const part = await decide(ids.slice(start, start + REVIEWS_AT_ONCE));
      all.success_count += part.success_count;
      all.failed_count += part.failed_count;
      all.results.push(...part.results);
    } catch (error) {
      if (start === 0) throw error;
      return { ...all, left: { ids: ids.slice(start), error } };
    }
    onProgress?.(all.results.length);
  }
  return all;
}
