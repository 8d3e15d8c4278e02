import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";

const text = z.string().optional().catch(undefined);
/** "2025-03"; absent: this month. */
const month = z
  .string()
  .regex(/^20\d\d-(0[1-9]|1[0-2])$/)
  .optional()
  .catch(undefined);

export const RANKED = ["omset", "ndp", "rdp"] as const;
export type Ranked = (typeof RANKED)[number];

/** /team/leaderboard */
export const leaderboardSearchSchema = tableSearchSchema.extend({
  month,
  period: z.enum(["all"]).optional().catch(undefined),
  by: z.enum(["ndp", "rdp"]).optional().catch(undefined),
});
export type LeaderboardSearch = z.infer<typeof leaderboardSearchSchema>;

export const PERIODS = ["today", "yesterday", "week", "quarter", "year"] as const;

/** /team and /team/$staffId. Without `period`: the last 30 days. */
export const teamSearchSchema = tableSearchSchema.extend({
  month,
  tab: z.enum(["quality"]).optional().catch(undefined),
  period: z.enum(PERIODS).optional().catch(undefined),
  panel: z.enum(["targets"]).optional().catch(undefined),
});
export type TeamSearch = z.infer<typeof teamSearchSchema>;

/** /reports */
export const reportSearchSchema = tableSearchSchema.extend({
  month,
  product_id: text,
  staff_id: text,
  tab: z.enum(["month", "staff"]).optional().catch(undefined),
});
export type ReportSearch = z.infer<typeof reportSearchSchema>;

/** What the server is asked for a month of the address. */
export function monthQuery(value: string | undefined): { year?: number; month?: number } {
  if (!value) return {};
  return { year: Number(value.slice(0, 4)), month: Number(value.slice(5)) };
}

/** "2025-03" so many months earlier. */
export function monthsBack(value: string, count: number): string {
  const number = Number(value.slice(0, 4)) * 12 + Number(value.slice(5)) - 1 - count;
  return `${Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, "0")}`;
}
