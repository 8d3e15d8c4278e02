import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPage, send } from "@/api/client";
import type { Schemas } from "@/api/schema";
import type { ProductsSearch } from "./search";

export type Product = Schemas["ProductOut"];

const productsKey = ["products"] as const;

export const productsOptions = (search: ProductsSearch) => {
  const include_retired = search.show === "all" || undefined;
  return queryOptions({
    queryKey: [...productsKey, "list", include_retired],
    queryFn: ({ signal }) => getPage<Product>("/api/products", { include_retired }, signal),
    placeholderData: keepPreviousData,
    // Products are few and come all at once, so the search is made here.
    select: (page) => {
      const wanted = search.q?.trim().toLowerCase();
      if (!wanted) return page;
      const items = page.items.filter((product) =>
        [product.name, product.description].some((text) => text.toLowerCase().includes(wanted)),
      );
      return { ...page, items, total: items.length };
    },
  });
};

/** Active products by name, for pickers. */
export const productChoicesOptions = queryOptions({
  queryKey: [...productsKey, "choices"],
  queryFn: ({ signal }) => get<Product[]>("/api/products", undefined, signal),
  staleTime: 60_000,
});

function useProductMutation<V, R>(run: (variables: V) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: () => client.invalidateQueries({ queryKey: productsKey }),
    meta: { ownError: true },
  });
}

export const useCreateProduct = () =>
  useProductMutation((body: Schemas["ProductCreate"]) => send<Product>("POST", "/api/products", body));

export const useUpdateProduct = () =>
  useProductMutation(({ id, ...patch }: Schemas["ProductUpdate"] & { id: string }) =>
    send<Product>("PATCH", `/api/products/${id}`, patch),
  );

export const useRetireProduct = () =>
  useProductMutation((id: string) => send<void>("DELETE", `/api/products/${id}`));
