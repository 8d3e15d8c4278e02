import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { TeamPage, teamSearchSchema } from "@/features/performance";

export const Route = createFileRoute("/_app/team/")({
  validateSearch: teamSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "team", "performance.read"),
  component: TeamPage,
});
