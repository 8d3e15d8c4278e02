import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { DatabaseFilter } from "@/features/pools";
import { type DatabaseFilter as Filter, RequestsPage, requestsSearchSchema } from "@/features/requests";

/** Only databases of this module can be asked for records. */
const OfRequests: Filter = (props) => <DatabaseFilter module="normal" {...props} />;

export const Route = createFileRoute("/_app/requests")({
  validateSearch: requestsSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "requests", "requests.make", "requests.review"),
  component: () => <RequestsPage databaseFilter={OfRequests} />,
});
