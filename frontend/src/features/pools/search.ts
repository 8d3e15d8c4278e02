import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";
import { RECORD_FILTERS, VERDICT_FILTERS } from "./types";

const text = z.string().optional().catch(undefined);

/** /databases, /member-wd, /bonanza */
export const poolSearchSchema = tableSearchSchema.extend({
  tab: z.enum(["trash", "imports"]).optional().catch(undefined),
  product_id: text,
});

export type PoolSearch = z.infer<typeof poolSearchSchema>;

/** …/$id */
export const databaseSearchSchema = tableSearchSchema.extend({
  tab: z.enum(["requests", "quality", "activity"]).optional().catch(undefined),
  /** Of the tab with the requests. */
  request_status: z
    .enum(["pending", "approved", "rejected", "cancelled", "expired"])
    .optional()
    .catch(undefined),
  status: z.enum(RECORD_FILTERS).optional().catch(undefined),
  validation: z.enum(VERDICT_FILTERS).optional().catch(undefined),
  assigned_to: text,
});

export type DatabaseSearch = z.infer<typeof databaseSearchSchema>;
