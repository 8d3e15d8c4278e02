import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { TodayPage } from "@/features/today";

export const Route = createFileRoute("/_app/")({
  beforeLoad: ({ context }) => requirePage(context.me, "today", "today.read"),
  component: TodayPage,
});
