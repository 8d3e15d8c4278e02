import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";
import { asMarked, type QueueState } from "./marked";
import { type HeldRecord, NONE, RESPOND, VERDICTS, WHATSAPP } from "./types";

/** One address for both readers of /customers: staff use `group`, admins `staff_id`, `module` and `reason`. */
export const customersSearchSchema = tableSearchSchema.extend({
  /** `batch:<id>` or `database:<id>`; absent: all of them. */
  group: z
    .string()
    .regex(/^(batch|database):.+/)
    .optional()
    .catch(undefined),
  whatsapp: z
    .enum([...WHATSAPP, NONE])
    .optional()
    .catch(undefined),
  respond: z
    .enum([...RESPOND, NONE])
    .optional()
    .catch(undefined),
  validation: z
    .enum([...VERDICTS, NONE])
    .optional()
    .catch(undefined),
  staff_id: z.string().optional().catch(undefined),
  module: z.enum(["normal", "memberwd", "bonanza"]).optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
});

export type CustomersSearch = z.infer<typeof customersSearchSchema>;

export function groupOf(text: string | undefined): { kind: string; id: string } | undefined {
  const match = /^(batch|database):(.+)$/.exec(text ?? "");
  return match ? { kind: match[1] as string, id: match[2] as string } : undefined;
}

export const markFilters = ({ whatsapp, respond, validation }: CustomersSearch) => ({
  whatsapp,
  respond,
  validation,
});

/** Whether a record, as it is marked now, still belongs to a list that was filtered by marks. */
export function stillMatches(record: HeldRecord, search: CustomersSearch, state: QueueState): boolean {
  const now = asMarked(record, state);
  const fits = (filter: string | undefined, value: string | null | undefined) =>
    filter === undefined || filter === (value ?? NONE);
  return (
    fits(search.whatsapp, now.whatsapp_status) &&
    fits(search.respond, now.respond_status) &&
    fits(search.validation, now.validation_status) &&
    (search.reason === undefined || now.validation_reason === search.reason)
  );
}
