import type { Module } from "@/features/pools";

/** An import as the server tells it (spec 2.2). */
export type ImportState = "analysing" | "ready" | "importing" | "done" | "failed" | "cancelled" | "undone";

export const ROLES = ["username", "name", "phone"] as const;
export type ColumnRole = (typeof ROLES)[number];
export type Mapping = Record<ColumnRole, number | null>;

export type ReasonCount = { reason: string; count: number };

/** What the file holds, before anything is written. */
export type Report = {
  rows_total: number;
  blank: number;
  rejected: number;
  rejected_reasons: ReasonCount[];
  duplicates_in_file: number;
  duplicates_in_product: number;
  reserved: number;
  /** Reserved rows that are no duplicates: what skipping both leaves out beyond the duplicates. */
  reserved_not_duplicate: number;
  reserved_by: { staff_id: string; staff_name: string; count: number }[];
  bad_phones: number;
  same_file?: { database_id: string; name: string; module?: Module; uploaded_at: string } | null;
};

/** rows_total = stored + duplicates + reserved_skipped + rejected + blank, always. */
export type Result = {
  rows_total: number;
  stored: number;
  duplicates: number;
  reserved_skipped: number;
  rejected: number;
  blank: number;
  reserved_stored: number;
};

export type Progress = {
  phase: string;
  rows_done: number;
  rows_total: number | null;
  rate: number | null;
  eta_seconds: number | null;
};

export type Import = {
  id: string;
  module: Module;
  product_id: string;
  product_name: string;
  filename: string;
  size_bytes: number;
  state: ImportState;
  sheets: { name: string; rows: number | null; hidden?: boolean }[];
  sheet: string | null;
  /** From 1; 0 = the file has no header. */
  header_row: number | null;
  columns: string[];
  preview_rows: string[][];
  mapping: Mapping | null;
  detected: Record<ColumnRole, { column: number | null; confidence: number }> | null;
  report: Report | null;
  result: Result | null;
  progress: Progress | null;
  name?: string | null;
  database_id?: string | null;
  error?: { code: string; message: string; field?: string | null } | null;
  created_at: string;
  created_by_name: string;
  finished_at?: string | null;
  can_undo: boolean;
  undo_until?: string | null;
};

export type DuplicateChoice = "skip" | "import";
export type ReservedChoice = "store" | "skip";

/** While one of these, the server is at work and the page asks how far it is. */
export const isRunning = (state: ImportState): boolean => state === "analysing" || state === "importing";
