import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { depositsSearchSchema, OmsetPage } from "@/features/deposits";

export const Route = createFileRoute("/_app/omset/")({
  validateSearch: depositsSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "omset", "deposits.book"),
  component: OmsetPage,
});
