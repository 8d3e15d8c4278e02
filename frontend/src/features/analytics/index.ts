export { AnalyticsPage } from "./analytics-page";
export { analyticsSearchSchema } from "./search";
