import type { Schemas } from "@/api/schema";

export type Check = Schemas["CheckOut"];

export type Health = Schemas["HealthCheckOut"];

export type Repaired = Schemas["RepairOut"];

export type Activity = Schemas["ActivityEntry"];

export type Monitoring = Schemas["MonitoringOut"];

export type LoggedConflict = Schemas["LoggedConflict"];

export type ConflictLog = Schemas["ConflictLogOut"];

export type ConflictStats = Schemas["ConflictStatsOut"];
