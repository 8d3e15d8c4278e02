import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { DatabaseFilter } from "@/features/pools";
import { RequestsPage, requestsSearchSchema } from "@/features/requests";

export const Route = createFileRoute("/_app/requests")({
  validateSearch: requestsSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "requests", "requests.make", "requests.review"),
  component: () => <RequestsPage databaseFilter={(props) => <DatabaseFilter module="normal" {...props} />} />,
});
