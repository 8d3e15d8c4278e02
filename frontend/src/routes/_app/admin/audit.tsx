import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { AuditPage, auditSearchSchema } from "@/features/audit";

export const Route = createFileRoute("/_app/admin/audit")({
  validateSearch: auditSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "audit", "audit.read"),
  component: AuditPage,
});
