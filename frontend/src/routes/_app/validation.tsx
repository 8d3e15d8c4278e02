import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { ValidationPage, validationSearchSchema } from "@/features/validation";

export const Route = createFileRoute("/_app/validation")({
  validateSearch: validationSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "validation", "validation.manage"),
  component: ValidationPage,
});
