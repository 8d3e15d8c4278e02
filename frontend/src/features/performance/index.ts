export { LeaderboardPage } from "./leaderboard-page";
export { ReportPage } from "./report-page";
export { leaderboardSearchSchema, reportSearchSchema, teamSearchSchema } from "./search";
export { TargetBanner } from "./target-banner";
export { StaffPage, TeamPage } from "./team-page";
