export { useRestoreArchived } from "./api";
export { DatabaseFilter } from "./database-filter";
export { DatabasePage } from "./database-page";
export { MODULES, POOLS, type Pool } from "./descriptors";
export { PoolPage } from "./pool-page";
export { RecordSheet } from "./record-sheet";
export { RecordStatusBadge } from "./record-status";
export { databaseSearchSchema, poolSearchSchema } from "./search";
export type { Module, PoolRecord } from "./types";
