import { expect, it } from "vitest";
import { REVIEWS_AT_ONCE, reviewInParts } from "./review-parts";

const MANY = Array.from({ length: REVIEWS_AT_ONCE * 2 + 3 }, (_, at) => `q-${at}`);

function desk(refuses?: number) {
  const parts: string[][] = [];
  const decide = async (ids: string[]) => {
    parts.push(ids);
    if (parts.length === refuses) throw new Error("busy");
    const results = ids.map((id, at) =>
      at === 0 ? { id, status: "expired", error: "It has expired." } : { id, status: "approved" },
    );
    return { success_count: ids.length - 1, failed_count: 1, results };
  };
  return { parts, decide };
}

it("more than fit into one go are sent in parts; the sums are of all of them", async () => {
  const { parts, decide } = desk();
  const progress: number[] = [];
  const all = await reviewInParts(MANY, decide, (decided) => progress.push(decided));
  expect(parts.map((ids) => ids.length)).toEqual([REVIEWS_AT_ONCE, REVIEWS_AT_ONCE, 3]);
  expect(parts.flat()).toEqual(MANY);
  expect(progress).toEqual([REVIEWS_AT_ONCE, REVIEWS_AT_ONCE * 2, MANY.length]);
  expect([all.success_count, all.failed_count, all.results.length]).toEqual([100, 3, 103]);
  expect(all.left).toBeUndefined();
});

it("a refused part ends it: what was decided is kept, what was not is named with the reason", async () => {
  const { parts, decide } = desk(2);
  const all = await reviewInParts(MANY, decide);
  expect(parts).toHaveLength(2);
  expect([all.success_count, all.failed_count]).toEqual([49, 1]);
  expect(all.left?.ids).toEqual(MANY.slice(REVIEWS_AT_ONCE));
  expect(all.left?.error).toEqual(new Error("busy"));
});

it("refused from the start it is an error like any other", async () => {
  const { decide } = desk(1);
  await expect(reviewInParts(MANY, decide)).rejects.toThrow("busy");
});
