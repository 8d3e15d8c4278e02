import { queryOptions } from "@tanstack/react-query";
import { get } from "./client";

/** Short lists that selects of several features offer. The keys start like the features' own, so their changes reach them. */
export type Choice = { id: string; name: string };

/** More than any desk has; a longer list would want a search field instead of a select. */
const ALL = 1000;

export const productChoicesOptions = queryOptions({
  queryKey: ["products", "choices"],
  queryFn: ({ signal }) => get<Choice[]>("/api/products", { limit: ALL }, signal),
  staleTime: 60_000,
});

export const staffChoicesOptions = queryOptions({
  queryKey: ["users", "staff-choices"],
  queryFn: ({ signal }) => get<Choice[]>("/api/staff-users", { limit: ALL }, signal),
  staleTime: 60_000,
});
