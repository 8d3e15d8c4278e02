import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { CustomerPage } from "@/features/customers";

export const Route = createFileRoute("/_app/customers/$key")({
  beforeLoad: ({ context }) => requirePage(context.me, "customers", "records.work", "records.read_all"),
  component: Page,
});

function Page() {
  const { key } = Route.useParams();
  return <CustomerPage key={key} name={key} />;
}
