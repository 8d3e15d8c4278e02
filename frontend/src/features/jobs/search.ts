import { tableSearchSchema } from "@/lib/table-search";
import type { z } from "@/lib/zod";

export const jobsSearchSchema = tableSearchSchema;

export type JobsSearch = z.infer<typeof jobsSearchSchema>;
