import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { NewDepositImportPage, newDepositImportSearchSchema } from "@/features/imports";

export const Route = createFileRoute("/_app/omset/import/")({
  validateSearch: newDepositImportSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "omset", "deposits.manage"),
  component: NewDepositImportPage,
});
