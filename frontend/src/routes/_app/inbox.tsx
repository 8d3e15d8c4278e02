import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { InboxPage } from "@/features/notifications";

export const Route = createFileRoute("/_app/inbox")({
  beforeLoad: ({ context }) => requirePage(context.me, "inbox", "notifications.own"),
  component: InboxPage,
});
