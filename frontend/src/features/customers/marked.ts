import type { Problem } from "@/api/problem";
import type { Conflict, HeldRecord, Marks, Verdict } from "./types";

export type Values = Partial<Omit<Marks, "version">>;
export type MarkValues = Pick<Values, "whatsapp_status" | "respond_status">;
export type Marked = Marks & { id: string; assigned_at?: string | null };

export type QueueState = {
  /** Values chosen here which the server has not confirmed. */
  waiting: ReadonlyMap<string, Values>;
  /** The last confirmed values, shown until a list brings that version or a later one. */
  confirmed: ReadonlyMap<string, { version: number; values: Values; assignedAt: string | null }>;
  conflicts: readonly Conflict[];
  /** Rows that are about to give place to their replacement. */
  leaving: ReadonlySet<string>;
  replaced: ReadonlyMap<string, HeldRecord>;
  phase: "saved" | "saving" | "unsaved";
};

/** What a verdict makes of a record. */
export const valuesOf = ({ is_valid, reason, note }: Verdict): Values => ({
  validation_status: is_valid === null ? null : is_valid ? "validated" : "invalid",
  validation_reason: is_valid === false ? (reason ?? null) : null,
  validation_note: is_valid === false ? (note ?? null) : null,
});

/** What a 409 says about one record that was changed by others meanwhile; nothing for other problems. */
export function conflictsOf({ code, extras }: Problem, recordId: string): Conflict[] {
  if (code !== "edited_meanwhile" || !Array.isArray(extras.conflicts)) return [];
  const version = Number(extras.version ?? 0);
  return extras.conflicts.map((conflict: Conflict) => ({ ...conflict, record_id: recordId, version }));
}

/** The marks of a row that the server answered. */
export const marksOf = (row: HeldRecord): Values => ({
  whatsapp_status: row.whatsapp_status,
  respond_status: row.respond_status,
  validation_status: row.validation_status,
  validation_reason: row.validation_reason,
  validation_note: row.validation_note,
});

/** A row as it should be shown: what the server sent, what it has confirmed since, what is still on its way. */
export function asMarked<T extends Marked>(row: T, state: QueueState): T {
  const confirmed = state.confirmed.get(row.id);
  const waiting = state.waiting.get(row.id);
  const known =
    confirmed && confirmed.version >= row.version && confirmed.assignedAt === (row.assigned_at ?? null)
      ? { ...row, ...confirmed.values, version: confirmed.version }
      : row;
  return waiting ? { ...known, ...waiting } : known;
}
