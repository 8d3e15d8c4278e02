import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { HealthPage, healthSearchSchema } from "@/features/health";

export const Route = createFileRoute("/_app/admin/health")({
  validateSearch: healthSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "health", "health.manage"),
  component: HealthPage,
});
