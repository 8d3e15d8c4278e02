import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { ReportPage, reportSearchSchema } from "@/features/performance";

export const Route = createFileRoute("/_app/reports")({
  validateSearch: reportSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "reports", "performance.read"),
  component: ReportPage,
});
