import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { RecentImports } from "@/features/imports";
import { POOLS, PoolPage, poolSearchSchema } from "@/features/pools";

export const Route = createFileRoute("/_app/bonanza/")({
  validateSearch: poolSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "bonanza", "databases.read"),
  component: () => <PoolPage pool={POOLS.bonanza} imports={<RecentImports module="bonanza" />} />,
});
