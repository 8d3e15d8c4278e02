import { tableSearchSchema } from "@/lib/table-search";
import type { z } from "@/lib/zod";

export const exportsSearchSchema = tableSearchSchema;

export type ExportsSearch = z.infer<typeof exportsSearchSchema>;
