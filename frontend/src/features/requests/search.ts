import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";
import { REQUEST_STATUSES } from "./types";

const text = z.string().optional().catch(undefined);

/** /requests. Reviewers see what waits first, so for them an absent `tab` is "pending" and "all" is named. */
export const requestsSearchSchema = tableSearchSchema.extend({
  tab: z
    .enum([...REQUEST_STATUSES, "all"])
    .optional()
    .catch(undefined),
  staff_id: text,
  database_id: text,
});

export type RequestsSearch = z.infer<typeof requestsSearchSchema>;
