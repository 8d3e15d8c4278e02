import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";

const text = z.string().optional().catch(undefined);

/** The lists of /reserved, and the days of grace. */
export const LISTS = ["pending", "approved", "archive", "rejected", "cancelled"] as const;

export type List = (typeof LISTS)[number];

/** /reserved. Without a `tab`: what waits for those who decide, what is theirs for the others. */
export const reservationsSearchSchema = tableSearchSchema.extend({
  tab: z
    .enum([...LISTS, "grace"])
    .optional()
    .catch(undefined),
  product_id: text,
  staff_id: text,
});

export type ReservationsSearch = z.infer<typeof reservationsSearchSchema>;

/** /reserved/conflicts. Without `show`: only the open ones. */
export const conflictsSearchSchema = tableSearchSchema.extend({
  tab: z.enum(["duplicates"]).optional().catch(undefined),
  show: z.enum(["all"]).optional().catch(undefined),
  product_id: text,
  staff_id: text,
});

export type ConflictsSearch = z.infer<typeof conflictsSearchSchema>;
