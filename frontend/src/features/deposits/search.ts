import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";

const text = z.string().optional().catch(undefined);
const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .optional()
  .catch(undefined);

export const STATUSES = ["approved", "pending", "declined", "all"] as const;
export const TYPES = ["NDP", "RDP"] as const;

/** /omset. Without a `tab`: the day that is being entered. */
export const depositsSearchSchema = tableSearchSchema.extend({
  tab: z.enum(["ledger", "summary"]).optional().catch(undefined),
  product_id: text,
  staff_id: text,
  /** The day that is being entered. */
  date: day,
  start_date: day,
  end_date: day,
  status: z.enum(STATUSES).optional().catch(undefined),
  type: z.enum(TYPES).optional().catch(undefined),
});

export type DepositsSearch = z.infer<typeof depositsSearchSchema>;

/** /omset/review. Without a `tab`: what waits for a decision. */
export const reviewSearchSchema = tableSearchSchema.extend({
  tab: z.enum(["duplicates", "trash"]).optional().catch(undefined),
  product_id: text,
  start_date: day,
  end_date: day,
});

export type ReviewSearch = z.infer<typeof reviewSearchSchema>;
