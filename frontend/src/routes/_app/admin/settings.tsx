import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { SettingsPage } from "@/features/settings";

export const Route = createFileRoute("/_app/admin/settings")({
  beforeLoad: ({ context }) => requirePage(context.me, "settings", "requests.review", "validation.manage"),
  component: SettingsPage,
});
