import { queryOptions, useQuery } from "@tanstack/react-query";
import { getPage } from "@/api/client";
import type { Schemas } from "@/api/schema";
import { useCan } from "@/api/session";
import { useDebounced } from "@/lib/use-debounced";
import { knownCustomersOptions } from "./api";

export type Suggestion = {
  customer_id: string;
  name: string;
  /** The last day they deposited; those without one have not yet. */
  last_date?: string;
};

const SHOWN = 8;
/** Below this a search of one's own customers would find all of them. */
const SHORTEST = 2;

const ownCustomersOptions = (q: string) =>
  queryOptions({
    queryKey: ["customers", "suggested", q],
    queryFn: async ({ signal }) =>
      (await getPage<Schemas["DealtRecordOut"]>("/api/my/records", { q, limit: SHOWN }, signal)).items,
    staleTime: 60_000,
  });

/** Those who deposited before, then one's own customers who have not; nobody twice. */
export function useSuggestions(typed: string, productId: string, staffId: string | undefined): Suggestion[] {
  const q = useDebounced(typed.trim(), 150);
  const searchesOwn = useCan()("records.work") && staffId === undefined;
  const known = useQuery({
    ...knownCustomersOptions(q, productId, staffId),
    enabled: q !== "" && productId !== "",
  });
  const own = useQuery({ ...ownCustomersOptions(q), enabled: searchesOwn && q.length >= SHORTEST });
  const found = new Map<string, Suggestion>();
  for (const { customer_id, customer_name, last_date } of known.data ?? []) {
    found.set(customer_id.toLowerCase(), { customer_id, name: customer_name, last_date });
  }
  for (const { customer_id, display_name } of own.data ?? []) {
    const key = customer_id.toLowerCase();
    if (!found.has(key)) found.set(key, { customer_id, name: display_name ?? "" });
  }
  return [...found.values()].slice(0, SHOWN);
}
