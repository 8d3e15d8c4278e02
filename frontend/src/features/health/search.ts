import { dayField, tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";

const text = z.string().optional().catch(undefined);

export const TABS = ["checks", "activity", "conflicts", "monitoring"] as const;

/** /admin/health. Without a `tab`: the checks; `open` is the name of the check whose sheet is open. */
export const healthSearchSchema = tableSearchSchema.extend({
  tab: z.enum(TABS).optional().catch(undefined),
  from: dayField,
  to: dayField,
  show: z.enum(["open", "ended"]).optional().catch(undefined),
  product_id: text,
  staff_id: text,
});

export type HealthSearch = z.infer<typeof healthSearchSchema>;
