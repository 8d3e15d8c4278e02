import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { CustomersPage, customersSearchSchema } from "@/features/customers";

export const Route = createFileRoute("/_app/customers/")({
  validateSearch: customersSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "customers", "records.work", "records.read_all"),
  component: CustomersPage,
});
