import { z } from "zod";
import { tableSearchSchema } from "@/lib/table-search";

export const productsSearchSchema = tableSearchSchema.extend({
  /** "all" also lists the retired ones. */
  show: z.literal("all").optional().catch(undefined),
});

export type ProductsSearch = z.infer<typeof productsSearchSchema>;
