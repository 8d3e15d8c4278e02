import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { ConflictsPage, conflictsSearchSchema } from "@/features/reservations";

export const Route = createFileRoute("/_app/reserved/conflicts")({
  validateSearch: conflictsSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "reserved", "reservations.manage"),
  component: ConflictsPage,
});
