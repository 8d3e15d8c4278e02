import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get } from "@/api/client";

export type SearchHit = {
  kind: "database" | "customer" | "user" | "product";
  id: string;
  title: string;
  subtitle: string;
  url: string;
};

export const searchOptions = (q: string) =>
  queryOptions({
    queryKey: ["search", q],
    queryFn: ({ signal }) => get<{ items: SearchHit[] }>("/api/search", { q }, signal),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
