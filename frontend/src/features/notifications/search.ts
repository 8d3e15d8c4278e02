import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";

/** /inbox; everything, unless only what is unread is wanted. */
export const inboxSearchSchema = tableSearchSchema.extend({
  unread: z.enum(["true"]).optional().catch(undefined),
});
export type InboxSearch = z.infer<typeof inboxSearchSchema>;
