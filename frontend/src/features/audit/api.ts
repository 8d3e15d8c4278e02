import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get, getPage } from "@/api/client";
import type { Schemas } from "@/api/schema";
import { pageQuery } from "@/lib/table-search";
import type { AuditSearch } from "./search";

export type Trace = Schemas["AuditTraceOut"];

export const tracesOptions = (search: AuditSearch) => {
  const { q: _q, ...page } = pageQuery(search);
  const { kind, actor_id, from, to } = search;
  const query = { ...page, kind, actor_id, date_from: from, date_to: to };
  return queryOptions({
    queryKey: ["audit", query],
    queryFn: ({ signal }) => getPage<Trace>("/api/audit", query, signal),
    placeholderData: keepPreviousData,
  });
};

/** The people whose deeds can be asked for, removed ones too. */
export const actorsOptions = queryOptions({
  queryKey: ["users", "audit-actors"],
  queryFn: ({ signal }) => get<Schemas["AuditActorOut"][]>("/api/audit/actors", undefined, signal),
  staleTime: 60_000,
});
