import type { Schemas } from "@/api/schema";

export type Export = Schemas["ExportOut"];
export type ExportState = Export["state"];
export type ExportOrder = Schemas["ExportOrder"];
export type ExportFormat = ExportOrder["format"];
export type ExportPreview = Schemas["ExportPreview"];
export type ExportLink = Schemas["ExportLink"];

/** The lists that can be had as a file (`exports/registry.py`). */
export const KINDS = [
  "customer-records",
  "memberwd",
  "bonanza",
  "assignments",
  "omset",
  "omset-summary",
  "staff-report",
  "reserved-members",
  "requests",
  "conflict-log",
] as const;
export type ExportKind = (typeof KINDS)[number];

/** Filters of a list's own address; what says nothing is left out. */
export type ExportFilters = Record<string, string | number | boolean | undefined>;
