import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { LeaderboardPage, leaderboardSearchSchema } from "@/features/performance";

export const Route = createFileRoute("/_app/team/leaderboard")({
  validateSearch: leaderboardSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "leaderboard", "performance.read"),
  component: LeaderboardPage,
});
