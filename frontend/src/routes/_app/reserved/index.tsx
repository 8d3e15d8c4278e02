import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { ReservationsPage, reservationsSearchSchema } from "@/features/reservations";

export const Route = createFileRoute("/_app/reserved/")({
  validateSearch: reservationsSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "reserved", "reservations.read"),
  component: ReservationsPage,
});
