import type { Schemas } from "@/api/schema";
import type { Module, PoolRecord } from "@/features/pools";

/** What one staff has rejected in one module, while it is still in their hands (spec 2.5). */
export type StaffInvalid = Schemas["StaffInvalid"] & { module: Module };

export type Summary = Omit<Schemas["InvalidSummary"], "staff"> & { staff: StaffInvalid[] };

export type InvalidRecord = Schemas["DealtRecordOut"] & PoolRecord & { module: Module };

export type ArchivedRecord = Schemas["ArchivedRecordOut"] & PoolRecord & { module: Module };

export type Processed = Schemas["Processed"];

export type ReplacementRules = Schemas["RuleOut"];

export type ReplacementRulesChange = Schemas["RuleUpdate"];
