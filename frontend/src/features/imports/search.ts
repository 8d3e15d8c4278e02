import { tableSearchSchema } from "@/lib/table-search";
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

/** /omset/import/$id */
export const depositImportSearchSchema = importSearchSchema.omit({ reserved: true });

export type DepositImportSearch = z.infer<typeof depositImportSearchSchema>;

/** /omset/import */
export const newDepositImportSearchSchema = tableSearchSchema;

export type ImportSearch = z.infer<typeof importSearchSchema>;
