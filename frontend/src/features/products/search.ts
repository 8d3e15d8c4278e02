import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";

export const productsSearchSchema = tableSearchSchema.extend({
  /** "all" also lists the retired ones. */
  show: z.literal("all").optional().catch(undefined),
});

export type ProductsSearch = z.infer<typeof productsSearchSchema>;
