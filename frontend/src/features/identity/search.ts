import { z } from "zod";
import { tableSearchSchema } from "@/lib/table-search";

export const usersSearchSchema = tableSearchSchema.extend({
  role: z.enum(["staff", "admin", "master_admin"]).optional().catch(undefined),
});

export type UsersSearch = z.infer<typeof usersSearchSchema>;
