import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { RetentionPage, retentionSearchSchema } from "@/features/retention";

export const Route = createFileRoute("/_app/retention")({
  validateSearch: retentionSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "retention", "retention.read"),
  component: RetentionPage,
});
