import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get } from "@/api/client";
import type { Schemas } from "@/api/schema";

export type SearchHit = Schemas["Hit"];

export const searchOptions = (q: string) =>
  queryOptions({
    queryKey: ["search", q],
    queryFn: ({ signal }) => get<Schemas["SearchOut"]>("/api/search", { q }, signal),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
