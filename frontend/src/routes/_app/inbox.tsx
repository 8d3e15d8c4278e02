import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { InboxPage, inboxSearchSchema } from "@/features/notifications";

export const Route = createFileRoute("/_app/inbox")({
  validateSearch: inboxSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "inbox", "notifications.own"),
  component: InboxPage,
});
