import type { Schemas } from "@/api/schema";

export type RetentionSummary = Schemas["RetentionSummary"];
export type RetentionTrend = Schemas["RetentionTrend"];
export type RetentionDay = Schemas["RetentionDay"];
export type ByProduct = Schemas["RetentionByProduct"];
export type ByStaff = Schemas["RetentionByStaff"];
export type CohortTable = Schemas["CohortTable"];
export type Cohort = Schemas["Cohort"];
export type ListedCustomer = Schemas["ListedCustomer"];
export type QuietCustomer = Schemas["QuietCustomer"];
export type RetentionAlert = Schemas["RetentionAlert"];
export type RetentionAlerts = Schemas["RetentionAlerts"];
export type AlertsByStaff = Schemas["AlertsByStaff"];
export type DailyBriefing = Schemas["DailyBriefing"];
export type Dismissed = Schemas["AlertDismissed"];
export type RiskLevel = RetentionAlert["risk_level"];
export type Badge = ListedCustomer["badge"];

/** A customer of a product: what the server goes by. */
export type CustomerRef = { customer_key: string; product_id: string };
