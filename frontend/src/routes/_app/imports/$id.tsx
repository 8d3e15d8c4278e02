import { createFileRoute } from "@tanstack/react-router";
import { requireAnyPool } from "@/app/guards";
import { ImportPage, importSearchSchema } from "@/features/imports";

export const Route = createFileRoute("/_app/imports/$id")({
  validateSearch: importSearchSchema,
  beforeLoad: ({ context }) => requireAnyPool(context.me, "imports.manage"),
  component: Page,
});

function Page() {
  const { id } = Route.useParams();
  return <ImportPage key={id} id={id} search={Route.useSearch()} />;
}
