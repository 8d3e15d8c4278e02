import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";

export const usersSearchSchema = tableSearchSchema.extend({
  role: z.enum(["staff", "admin", "master_admin"]).optional().catch(undefined),
  presence: z.enum(["online", "idle", "offline"]).optional().catch(undefined),
});

export type UsersSearch = z.infer<typeof usersSearchSchema>;
