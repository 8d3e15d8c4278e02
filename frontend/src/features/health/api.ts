import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPaged, newIdempotencyKey, send } from "@/api/client";
import type { Schemas } from "@/api/schema";
import { pageQuery } from "@/lib/table-search";
import type { HealthSearch } from "./search";
import type { ConflictLog, ConflictStats, Health, Monitoring, Repaired } from "./types";

const BASE = "/api/data-sync";

export const healthOptions = queryOptions({
  queryKey: ["health", "check"],
  queryFn: ({ signal }) => get<Health>(`${BASE}/health-check`, undefined, signal),
});

/** The part of the list state that the server pages by: these lists have no search of their own. */
const paging = (search: HealthSearch) => {
  const { q: _q, ...page } = pageQuery(search);
  return page;
};

export const activityOptions = (search: HealthSearch) => {
  const query = paging(search);
  return queryOptions({
    queryKey: ["health", "activity", query],
    queryFn: async ({ signal }) => {
      const { body, ...page } = await getPaged<Schemas["ActivityOut"]>(`${BASE}/activity-log`, query, signal);
      return { items: body.logs, ...page };
    },
    placeholderData: keepPreviousData,
  });
};

export const conflictFilter = (search: HealthSearch) => ({
  date_from: search.from,
  date_to: search.to,
  staff_id: search.staff_id,
  product_id: search.product_id,
  is_open: search.show && search.show === "open",
});

export const conflictLogOptions = (search: HealthSearch) => {
  const query = { ...paging(search), ...conflictFilter(search) };
  return queryOptions({
    queryKey: ["health", "conflicts", query],
    queryFn: async ({ signal }) => {
      const { body, ...page } = await getPaged<ConflictLog>(`${BASE}/conflict-resolution-log`, query, signal);
      return { items: body.records, summary: body.summary, ...page };
    },
    placeholderData: keepPreviousData,
  });
};

export const conflictStatsOptions = queryOptions({
  queryKey: ["health", "conflict-stats"],
  queryFn: ({ signal }) => get<ConflictStats>(`${BASE}/conflict-resolution-stats`, undefined, signal),
});

export const monitoringOptions = queryOptions({
  queryKey: ["health", "monitoring"],
  queryFn: ({ signal }) => get<Monitoring>(`${BASE}/monitoring-config`, undefined, signal),
});

/** What the next press on "repair" would do: the same code on the server, taken back at once. Not below "health": what
 * changes there must not ask it again while the dialog closes. */
export const dryRunOptions = (name: string) =>
  queryOptions({
    queryKey: ["health-dry-run", name],
    queryFn: ({ signal }) =>
      send<Repaired>("POST", `${BASE}/repair`, undefined, {
        query: { repair_type: name, dry_run: true },
        signal,
      }),
    staleTime: 0,
    gcTime: 0,
  });

/** Repairs move records, reservations and messages. */
function useRefresh() {
  const client = useQueryClient();
  return () => {
    for (const key of [
      "health",
      "reservations",
      "pools",
      "customers",
      "requests",
      "today",
      "notifications",
    ]) {
      void client.invalidateQueries({ queryKey: [key] });
    }
  };
}

export function useCheckNow() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => send<Schemas["ProactiveOut"]>("POST", `${BASE}/proactive-check`),
    onSettled: refresh,
  });
}

export function useRepair() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (name: string) =>
      send<Repaired>("POST", `${BASE}/repair`, undefined, {
        query: { repair_type: name },
        idempotencyKey: newIdempotencyKey(),
      }),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

/** `onUndone` is called even when whoever started it is no longer on screen: a toast outlives its dialog. */
export function useUndoRepair(onUndone: (undone: Schemas["RepairUndoneOut"]) => void) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: string) => send<Schemas["RepairUndoneOut"]>("POST", `${BASE}/repairs/${id}/undo`),
    onSuccess: onUndone,
    onSettled: refresh,
  });
}

export function useSaveMonitoring() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (config: Schemas["MonitoringUpdate"]) =>
      send<Monitoring>("PUT", `${BASE}/monitoring-config`, config),
    onSuccess: ({ message: _message, ...saved }) => {
      client.setQueryData(monitoringOptions.queryKey, saved);
      void client.invalidateQueries({ queryKey: ["health", "activity"] });
    },
    meta: { ownError: true },
  });
}
