import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";

const text = z.string().optional().catch(undefined);

export const MODULE_CODES = ["normal", "memberwd", "bonanza"] as const;

/** /validation */
export const validationSearchSchema = tableSearchSchema.extend({
  tab: z.enum(["archive"]).optional().catch(undefined),
  /** `<module>:<staff id>`: the rejected records of one staff; absent: everybody, counted. */
  group: z
    .string()
    .regex(/^(normal|memberwd|bonanza):.+/)
    .optional()
    .catch(undefined),
  module: z.enum(MODULE_CODES).optional().catch(undefined),
  staff_id: text,
  reason: text,
  database_id: text,
});

export type ValidationSearch = z.infer<typeof validationSearchSchema>;

export type Group = { module: (typeof MODULE_CODES)[number]; staffId: string };

export const groupName = ({ module, staffId }: Group) => `${module}:${staffId}`;

export function groupOf(text: string | undefined): Group | undefined {
  const at = text?.indexOf(":") ?? -1;
  if (!text || at < 0) return undefined;
  return { module: text.slice(0, at) as Group["module"], staffId: text.slice(at + 1) };
}
