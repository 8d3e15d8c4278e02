import { createFileRoute, redirect } from "@tanstack/react-router";
import { followUpsSearchSchema } from "@/features/follow-ups";

/** Where it used to be: bookmarks keep their filters. */
export const Route = createFileRoute("/_app/admin/follow-ups")({
  validateSearch: followUpsSearchSchema,
  beforeLoad: ({ search }) => {
    throw redirect({ to: "/follow-ups", search });
  },
});
