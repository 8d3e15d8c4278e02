export { AuditPage } from "./audit-page";
export { auditSearchSchema } from "./search";
