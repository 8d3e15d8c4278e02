import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { ReviewPage, reviewSearchSchema } from "@/features/deposits";

export const Route = createFileRoute("/_app/omset/review")({
  validateSearch: reviewSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "omset", "deposits.manage"),
  component: ReviewPage,
});
