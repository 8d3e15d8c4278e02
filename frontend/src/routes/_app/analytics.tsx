import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { AnalyticsPage, analyticsSearchSchema } from "@/features/analytics";

export const Route = createFileRoute("/_app/analytics")({
  validateSearch: analyticsSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "analytics", "analytics.read"),
  component: AnalyticsPage,
});
