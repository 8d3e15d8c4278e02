import { tableSearchSchema } from "@/lib/table-search";
import type { z } from "@/lib/zod";

export const webhooksSearchSchema = tableSearchSchema;

export type WebhooksSearch = z.infer<typeof webhooksSearchSchema>;
