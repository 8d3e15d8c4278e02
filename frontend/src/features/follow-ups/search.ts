import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";
import { STATES, URGENCIES } from "./types";

const text = z.string().optional().catch(undefined);

/** /follow-ups. Without a `tab`: those that wait now. */
export const followUpsSearchSchema = tableSearchSchema.extend({
  tab: z.enum(STATES).optional().catch(undefined),
  urgency: z.enum(URGENCIES).optional().catch(undefined),
  product_id: text,
  database_id: text,
  staff_id: text,
});

export type FollowUpsSearch = z.infer<typeof followUpsSearchSchema>;
