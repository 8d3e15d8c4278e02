import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { ExportsPage, exportsSearchSchema } from "@/features/exports";

export const Route = createFileRoute("/_app/exports")({
  validateSearch: exportsSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "exports", "exports.make"),
  component: ExportsPage,
});
