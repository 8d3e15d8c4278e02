import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { JobsPage, jobsSearchSchema } from "@/features/jobs";

export const Route = createFileRoute("/_app/admin/settings_/jobs")({
  validateSearch: jobsSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "settings", "jobs.manage"),
  component: JobsPage,
});
