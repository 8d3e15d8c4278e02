import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { DepositImportPage, depositImportSearchSchema } from "@/features/imports";

export const Route = createFileRoute("/_app/omset/import/$id")({
  validateSearch: depositImportSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "omset", "deposits.manage"),
  component: Page,
});

function Page() {
  const { id } = Route.useParams();
  return <DepositImportPage key={id} id={id} search={Route.useSearch()} />;
}
