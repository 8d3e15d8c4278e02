import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPage, send } from "@/api/client";
import type { ProductsSearch } from "./search";

export type Product = {
  id: string;
  name: string;
  description: string;
  is_active: boolean;
  database_count: number;
};

const productsKey = ["products"] as const;

export const productsOptions = (search: ProductsSearch) => {
  const include_retired = search.show === "all" || undefined;
  return queryOptions({
    queryKey: [...productsKey, "list", include_retired],
    queryFn: ({ signal }) => getPage<Product>("/api/products", { include_retired }, signal),
    placeholderData: keepPreviousData,
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

type ProductFields = { name: string; description: string };

export const useCreateProduct = () =>
  useProductMutation((body: ProductFields) => send<Product>("POST", "/api/products", body));

export const useUpdateProduct = () =>
  useProductMutation(({ id, ...patch }: Partial<ProductFields> & { id: string; is_active?: boolean }) =>
    send<Product>("PATCH", `/api/products/${id}`, patch),
  );

export const useRetireProduct = () =>
  useProductMutation((id: string) => send<void>("DELETE", `/api/products/${id}`));
