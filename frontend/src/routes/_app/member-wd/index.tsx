import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { RecentImports } from "@/features/imports";
import { POOLS, PoolPage, poolSearchSchema } from "@/features/pools";

export const Route = createFileRoute("/_app/member-wd/")({
  validateSearch: poolSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "member-wd", "databases.read"),
  component: () => <PoolPage pool={POOLS.memberwd} imports={<RecentImports module="memberwd" />} />,
});
