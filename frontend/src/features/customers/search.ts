import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";

/** One address for both readers of /customers: staff use `group`, admins `staff_id` and `module`. */
export const customersSearchSchema = tableSearchSchema.extend({
  /** `batch:<id>` or `database:<id>`; absent: all of them. */
  group: z
    .string()
    .regex(/^(batch|database):.+/)
    .optional()
    .catch(undefined),
  staff_id: z.string().optional().catch(undefined),
  module: z.enum(["normal", "memberwd", "bonanza"]).optional().catch(undefined),
});

export type CustomersSearch = z.infer<typeof customersSearchSchema>;
export type MySearch = CustomersSearch;
export type AssignmentsSearch = CustomersSearch;

export function groupOf(text: string | undefined): { kind: string; id: string } | undefined {
  const match = /^(batch|database):(.+)$/.exec(text ?? "");
  return match ? { kind: match[1] as string, id: match[2] as string } : undefined;
}
