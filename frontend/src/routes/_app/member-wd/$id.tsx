import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { DatabasePage, databaseSearchSchema, POOLS } from "@/features/pools";

export const Route = createFileRoute("/_app/member-wd/$id")({
  validateSearch: databaseSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "member-wd", "databases.read"),
  component: Page,
});

function Page() {
  const { id } = Route.useParams();
  return <DatabasePage key={id} pool={POOLS.memberwd} id={id} />;
}
