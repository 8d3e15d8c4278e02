import { z } from "@/lib/zod";

/** /imports/new */
export const newImportSearchSchema = z.object({
  module: z.enum(["normal", "memberwd", "bonanza"]).optional().catch(undefined),
  product_id: z.string().optional().catch(undefined),
});

export type NewImportSearch = z.infer<typeof newImportSearchSchema>;

/** /imports/$id: which of the two steps of an analysed file is on screen, and what was chosen there. */
export const importSearchSchema = z.object({
  step: z.enum(["report"]).optional().catch(undefined),
  duplicates: z.enum(["import"]).optional().catch(undefined),
  reserved: z.enum(["skip"]).optional().catch(undefined),
});

export type ImportSearch = z.infer<typeof importSearchSchema>;
