import { createFileRoute } from "@tanstack/react-router";
import { requireAnyPool } from "@/app/guards";
import { NewImportPage, newImportSearchSchema } from "@/features/imports";

export const Route = createFileRoute("/_app/imports/new")({
  validateSearch: newImportSearchSchema,
  beforeLoad: ({ context }) => requireAnyPool(context.me, "imports.manage"),
  component: Page,
});

function Page() {
  return <NewImportPage search={Route.useSearch()} />;
}
