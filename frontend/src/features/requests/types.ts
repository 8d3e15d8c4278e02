import type { Schemas } from "@/api/schema";

/** Where a request is in its life (spec 2.3). */
export const REQUEST_STATUSES = ["pending", "approved", "rejected", "cancelled", "expired"] as const;

export type RequestStatus = (typeof REQUEST_STATUSES)[number];

export type RecordRequest = Schemas["RequestOut"];

export type RequestDetail = Schemas["RequestDetail"];

/** A database that staff may ask records of: its name, product and how many there are, never its rows. */
export type Requestable = Schemas["RequestableDatabase"];

export type RequestStats = Schemas["RequestStats"];

export type BulkReview = Schemas["BulkReviewed"];

export type AutoApproval = Schemas["AutoApprovalOut"];

export type AutoApprovalChange = Schemas["AutoApprovalUpdate"];

/** Whether requests of one database follow the general rule. */
export const AUTO_APPROVE = ["follow", "always", "never"] as const;

export type AutoApprove = (typeof AUTO_APPROVE)[number];
