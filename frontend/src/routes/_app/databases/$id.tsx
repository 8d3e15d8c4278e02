import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { DatabasePage, databaseSearchSchema, POOLS } from "@/features/pools";
import { DatabaseRequests } from "@/features/requests";

export const Route = createFileRoute("/_app/databases/$id")({
  validateSearch: databaseSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "databases", "databases.read"),
  component: Page,
});

function Page() {
  const { id } = Route.useParams();
  return <DatabasePage key={id} pool={POOLS.normal} id={id} requests={DatabaseRequests} />;
}
