import type { Schemas } from "@/api/schema";

export type Targets = Schemas["TargetsOut"];
export type TargetsInForce = Schemas["TargetsInForce"];
export type TargetRow = Schemas["TargetRow"];
export type LeaderboardAnswer = Schemas["Leaderboard"];
export type LeaderboardRow = Schemas["LeaderboardRow"];
export type OwnProgress = Schemas["OwnProgress"];
export type StaffProgress = Schemas["StaffProgress"];
export type TeamProgressAnswer = Schemas["TeamProgress"];
export type DayProgress = Schemas["DayProgress"];
export type Report = Schemas["CrmReport"];
export type ReportCells = Schemas["ReportCells"];
export type Quality = Schemas["WorkQuality"];
export type QualityCounts = Schemas["WorkCounts"];
