import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { FollowUpsPage, followUpsSearchSchema } from "@/features/follow-ups";

export const Route = createFileRoute("/_app/follow-ups")({
  validateSearch: followUpsSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "follow-ups", "records.work", "records.read_all"),
  component: FollowUpsPage,
});
