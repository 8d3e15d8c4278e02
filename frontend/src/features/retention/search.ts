import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";

const text = z.string().optional().catch(undefined);
const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .optional()
  .catch(undefined);

export const LISTS = ["at_risk", "lost", "loyal", "customers"] as const;

export type RetentionList = (typeof LISTS)[number];

export const RISKS = ["critical", "high", "medium"] as const;

/** What lists of customers are sorted by, the largest first. */
export const SORTS = ["deposits", "omset", "recent", "loyalty"] as const;

export const KINDS = ["ndp", "rdp"] as const;

/** /retention. Without a `tab`: the figures. Without days: the last ninety. */
export const retentionSearchSchema = tableSearchSchema.extend({
  tab: z.enum(LISTS).optional().catch(undefined),
  product_id: text,
  staff_id: text,
  start_date: day,
  end_date: day,
  by: z.enum(SORTS).optional().catch(undefined),
  risk: z.enum(RISKS).optional().catch(undefined),
  kind: z.enum(KINDS).optional().catch(undefined),
});

export type RetentionSearch = z.infer<typeof retentionSearchSchema>;
