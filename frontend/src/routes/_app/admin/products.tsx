import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { ProductsPage, productsSearchSchema } from "@/features/products";

export const Route = createFileRoute("/_app/admin/products")({
  validateSearch: productsSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "products", "products.manage"),
  component: ProductsPage,
});
