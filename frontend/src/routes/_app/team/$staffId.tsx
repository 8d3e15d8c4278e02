import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { StaffPage, teamSearchSchema } from "@/features/performance";

export const Route = createFileRoute("/_app/team/$staffId")({
  validateSearch: teamSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "team", "performance.manage"),
  component: Page,
});

function Page() {
  const { staffId } = Route.useParams();
  return <StaffPage key={staffId} staffId={staffId} />;
}
