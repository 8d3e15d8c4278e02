import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPage, getPaged, newIdempotencyKey, send } from "@/api/client";
import { pageQuery } from "@/lib/table-search";
import type { RetentionSearch } from "./search";
import type {
  AlertsByStaff,
  ByProduct,
  ByStaff,
  CohortTable,
  CustomerRef,
  DailyBriefing,
  Dismissed,
  ListedCustomer,
  QuietCustomer,
  RetentionAlert,
  RetentionAlerts,
  RetentionSummary,
  RetentionTrend,
} from "./types";

const BASE = "/api/retention";
const KEY = "retention";

/** Days of the trend: as many as the figures are of when no days are named. */
const TREND_DAYS = 90;

export type RetentionFilter = Pick<RetentionSearch, "product_id" | "staff_id" | "start_date" | "end_date">;

const filterOf = ({ product_id, staff_id, start_date, end_date }: RetentionSearch): RetentionFilter => ({
  product_id,
  staff_id,
  start_date,
  end_date,
});

const whoseOf = ({ product_id, staff_id }: RetentionSearch) => ({ product_id, staff_id });

function readOptions<T>(path: string, query: Record<string, string | number | undefined>) {
  return queryOptions({
    queryKey: [KEY, path, query],
    queryFn: ({ signal }) => get<T>(`${BASE}/${path}`, query, signal),
    placeholderData: keepPreviousData,
  });
}

export const summaryOptions = (search: RetentionSearch) =>
  readOptions<RetentionSummary>("summary", filterOf(search));

export const trendOptions = (search: RetentionSearch) =>
  readOptions<RetentionTrend>("trend", { ...whoseOf(search), days: TREND_DAYS });

export const byProductOptions = (search: RetentionSearch) =>
  readOptions<ByProduct>("by-product", filterOf(search));

export const byStaffOptions = ({ staff_id: _, ...search }: RetentionSearch) =>
  readOptions<ByStaff>("by-staff", filterOf(search));

export const cohortsOptions = (search: RetentionSearch) =>
  readOptions<CohortTable>("cohorts", { ...whoseOf(search), months: 12 });

export const alertsByStaffOptions = (search: RetentionSearch) =>
  readOptions<AlertsByStaff>("alerts/by-staff", { product_id: search.product_id });

/** Everybody of a range, or the loyal ones, the largest first by what is chosen. */
export const customersOptions = (search: RetentionSearch) => {
  const isLoyal = search.tab === "loyal";
  const { sort: _sort, ...page } = pageQuery(search);
  const query = {
    ...page,
    ...filterOf(search),
    filter_type: isLoyal ? "loyal" : (search.kind ?? "all"),
    sort_by: search.by ?? (isLoyal ? "loyalty" : "deposits"),
  };
  return queryOptions({
    queryKey: [KEY, "customers", query],
    queryFn: ({ signal }) => getPage<ListedCustomer>(`${BASE}/customers`, query, signal),
    placeholderData: keepPreviousData,
  });
};

/** A page of customers at risk; the counts of all levels come with it. */
export const alertsOptions = (search: RetentionSearch) => {
  const { q: _q, sort: _sort, ...page } = pageQuery(search);
  const query = { ...page, ...whoseOf(search), risk_level: search.risk };
  return queryOptions({
    queryKey: [KEY, "alerts", query],
    queryFn: async ({ signal }) => {
      const { body, total, nextCursor } = await getPaged<RetentionAlerts>(`${BASE}/alerts`, query, signal);
      return { items: body.alerts, summary: body.summary, total, nextCursor };
    },
    placeholderData: keepPreviousData,
  });
};

export const lostOptions = (search: RetentionSearch) => {
  const { q: _q, sort: _sort, ...page } = pageQuery(search);
  const query = { ...page, ...whoseOf(search) };
  return queryOptions({
    queryKey: [KEY, "lost", query],
    queryFn: ({ signal }) => getPage<QuietCustomer>(`${BASE}/lost-customers`, query, signal),
    placeholderData: keepPreviousData,
  });
};

export const briefingOptions = queryOptions({
  queryKey: [KEY, "briefing"],
  queryFn: ({ signal }) => get<DailyBriefing>(`${BASE}/daily-briefing`, undefined, signal),
});

const refOf = ({ customer_key, product_id }: CustomerRef) => ({ customer_id: customer_key, product_id });

function useChange<Given, Answer>(path: string, bodyOf: (given: Given) => unknown) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: Given) =>
      send<Answer>("POST", `${BASE}/${path}`, bodyOf(given), { idempotencyKey: newIdempotencyKey() }),
    onSettled: () => client.invalidateQueries({ queryKey: [KEY] }),
  });
}

/** Hides an alert from the caller for seven days. */
export const useDismiss = () => useChange<RetentionAlert, Dismissed>("alerts/dismiss", refOf);

export const useUndismiss = () => useChange<RetentionAlert, unknown>("alerts/undismiss", refOf);

export const useDismissBriefing = () => useChange<void, unknown>("daily-briefing/dismiss", () => undefined);
