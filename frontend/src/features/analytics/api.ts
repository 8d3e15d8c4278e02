import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPaged, newIdempotencyKey, type Query, send } from "@/api/client";
import { PAGE_SIZE } from "@/lib/table-search";
import type { Layout } from "./catalogue";
import type { ChartFilter, Drill } from "./search";

const KEY = "analytics";

/** One chart's figures; charts that are drawn from the same answer share it. The stream says when they have changed. */
export const chartOptions = <T>(path: string, filter: ChartFilter, compare: boolean, more: Query = {}) => {
  const query = { ...filter, ...more, compare: compare || undefined };
  return queryOptions({
    queryKey: [KEY, path, query],
    queryFn: ({ signal }) => get<T>(`/api/analytics/${path}`, query, signal),
    placeholderData: keepPreviousData,
  });
};

export type DrillQuery = ChartFilter & Query;

/** What every drill-down says beside its rows. */
export type DrillPage<B> = { body: B; total: number };

async function drillPage<B>(what: Drill, query: Query, signal?: AbortSignal): Promise<DrillPage<B>> {
  const { body, total } = await getPaged<B>(`/api/analytics/drill-down/${what}`, query, signal);
  return { body, total: total ?? 0 };
}

/** "-amount" as the server asks for it; without one its own order. */
const sorted = (sort: string | undefined): Query =>
  sort ? { sort: sort.replace(/^-/, ""), order: sort.startsWith("-") ? "desc" : "asc" } : {};

/** One page of what a mark is the sum of; it may be sorted by any column, so its pages begin at a number of rows. */
export const drillOptions = <B>(what: Drill, asked: DrillQuery, sort: string | undefined, offset: number) => {
  const query = { ...asked, ...sorted(sort), offset: offset || undefined, limit: PAGE_SIZE };
  return queryOptions({
    queryKey: [KEY, "drill-down", what, query],
    queryFn: ({ signal }) => drillPage<B>(what, query, signal),
    // The rows of another mark are no page of this one.
    placeholderData: (before, last) => (last?.queryKey[2] === what ? before : undefined),
  });
};

/** The largest page that the server gives. */
const WHOLE_PAGE = 1000;

/** All of it, for a file. */
export async function drillAll<B, R>(
  what: Drill,
  asked: DrillQuery,
  sort: string | undefined,
  rows: (body: B) => readonly R[],
): Promise<R[]> {
  const all: R[] = [];
  for (;;) {
    const query = { ...asked, ...sorted(sort), offset: all.length || undefined, limit: WHOLE_PAGE };
    const page = await drillPage<B>(what, query);
    const found = rows(page.body);
    all.push(...found);
    if (found.length === 0 || all.length >= page.total) return all;
  }
}

const LAYOUT = "/api/user/preferences/widget-layout";

export const layoutOptions = queryOptions({
  queryKey: ["preferences", "widget-layout"],
  queryFn: ({ signal }) => get<Layout>(LAYOUT, undefined, signal),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Shown at once; taken back when it could not be kept. */
export function useSaveLayout() {
  const client = useQueryClient();
  const { queryKey } = layoutOptions;
  return useMutation({
    mutationFn: (layout: Layout) =>
      send<Layout>("PUT", LAYOUT, layout, { idempotencyKey: newIdempotencyKey() }),
    scope: { id: "widget-layout" },
    onMutate: async (layout) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData(queryKey);
      client.setQueryData(queryKey, layout);
      return before;
    },
    onError: (_error, _layout, before) => client.setQueryData(queryKey, before),
  });
}
