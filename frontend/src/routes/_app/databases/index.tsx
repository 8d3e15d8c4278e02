import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { RecentImports } from "@/features/imports";
import { POOLS, PoolPage, poolSearchSchema } from "@/features/pools";

export const Route = createFileRoute("/_app/databases/")({
  validateSearch: poolSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "databases", "databases.read"),
  component: () => <PoolPage pool={POOLS.normal} imports={<RecentImports module="normal" />} />,
});
