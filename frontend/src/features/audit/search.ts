import { dayField, tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";

/** What things can be about, in the order of the filter. */
export const KINDS = [
  "user",
  "records",
  "request",
  "reservation",
  "deposit",
  "database",
  "import",
  "export",
  "product",
  "report",
  "ledger",
  "targets",
  "settings",
  "job",
  "health",
] as const;

/** /admin/audit. `open` is the id of the entry whose sheet is open. */
export const auditSearchSchema = tableSearchSchema.extend({
  kind: z.enum(KINDS).optional().catch(undefined),
  actor_id: z.string().optional().catch(undefined),
  from: dayField,
  to: dayField,
});

export type AuditSearch = z.infer<typeof auditSearchSchema>;
