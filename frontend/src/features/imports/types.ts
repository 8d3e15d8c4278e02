import type { Schemas } from "@/api/schema";
import type { Module } from "@/features/pools";

/** An import as the server tells it (spec 2.2). */
export type ImportState = "analysing" | "ready" | "importing" | "done" | "failed" | "cancelled" | "undone";

export const ROLES = ["username", "name", "phone"] as const;
export type ColumnRole = (typeof ROLES)[number];
export type Mapping = Record<ColumnRole, number | null>;

/** What the file holds, before anything is written. */
export type Report = Omit<Schemas["Report"], "same_file"> & {
  same_file?: (Schemas["SameFile"] & { module: Module }) | null;
};

/** rows_total = stored + duplicates + reserved_skipped + rejected + blank, always. */
export type Result = Schemas["Result"];

export type Import = Omit<Schemas["ImportOut"], "report"> & { module: Module; report: Report | null };

/** What an import of records and one of deposits have in common: the file, its state, and how far it is. */
export type AnyImport = Pick<
  Import,
  | "id"
  | "filename"
  | "size_bytes"
  | "state"
  | "sheets"
  | "sheet"
  | "header_row"
  | "columns"
  | "preview_rows"
  | "progress"
  | "error"
  | "created_at"
  | "created_by_name"
  | "can_undo"
  | "undo_until"
>;

export type DepositImport = Schemas["DepositImportOut"];
export type DepositMapping = Schemas["DepositMapping"];
export type DepositReport = Schemas["DepositReport"];

export const DEPOSIT_ROLES = [
  "date",
  "customer",
  "amount",
  "product",
  "staff",
  "name",
  "multiplier",
  "note",
] as const;
export type DepositRole = (typeof DEPOSIT_ROLES)[number];

export type SheetWanted = { sheet?: string; header_row?: number };

export type DuplicateChoice = "skip" | "import";
export type ReservedChoice = "store" | "skip";

/** While one of these, the server is at work and the page asks how far it is. */
export const isRunning = (state: ImportState): boolean => state === "analysing" || state === "importing";
