export { AutoApprovalSettings } from "./auto-approval";
export { DatabaseRequests } from "./database-requests";
export { RequestSheet } from "./request-sheet";
export { type DatabaseFilter, RequestsPage } from "./requests-page";
export { requestsSearchSchema } from "./search";
