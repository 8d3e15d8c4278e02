import type { Schemas } from "@/api/schema";

/** What the server says about databases and their records (spec 2.6, 2.7). */
export type Module = "normal" | "memberwd" | "bonanza";

export const RECORD_STATUSES = [
  "available",
  "requested",
  "assigned",
  "invalid_archived",
  "reserved",
  "trashed",
] as const;

export type RecordStatus = (typeof RECORD_STATUSES)[number];

/** What the records can be narrowed to: a state, or those whose customer somebody else has reserved. */
export const RECORD_FILTERS = [...RECORD_STATUSES, "conflict"] as const;

export type RecordFilter = (typeof RECORD_FILTERS)[number];

export const VERDICT_FILTERS = ["validated", "invalid", "none"] as const;

export type PoolDatabase = Schemas["DatabaseOut"] & { module: Module };

export type PoolDatabaseDetail = Schemas["DatabaseDetail"] & { module: Module };

export type PoolRecord = Schemas["RecordOut"] & { status: RecordStatus };

export type HistoryEntry = Schemas["HistoryEntry"];

export type Quality = Schemas["QualityOut"];

export type StaffQuality = Quality["staff"][number];

export type Activity = Schemas["DatabaseActivity"];

export type ReasonCount = Schemas["Excluded"];

export type StaffRoom = Omit<Schemas["StaffRoom"], "open_records"> & {
  /** Null where the server was not asked. */
  open_records: number | null;
};

export type Eligibility = Omit<Schemas["Eligibility"], "staff"> & { staff: StaffRoom[] };

export type AssignResult = Schemas["HandOutOut"];

export type HandedOver = Schemas["HandOverOut"];

export type Batch = Schemas["BatchOut"];
