import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { WebhooksPage, webhooksSearchSchema } from "@/features/webhooks";

export const Route = createFileRoute("/_app/admin/settings_/webhooks")({
  validateSearch: webhooksSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "settings", "webhooks.manage"),
  component: WebhooksPage,
});
