import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPage, send } from "@/api/client";
import { pageQuery, type TableSearchValues } from "@/lib/table-search";
import type { ConflictsSearch, List } from "./search";
import type {
  BulkChanged,
  BulkCommand,
  BulkReserve,
  BulkReserved,
  Changed,
  CleanupConfig,
  CleanupPreview,
  Command,
  Conflict,
  Counts,
  Duplicates,
  Impact,
  NewReservation,
  Reservation,
  ReservationDetail,
  SettleAction,
  Settled,
} from "./types";

const BASE = "/api/reserved-members";
const CLEANUP = "/api/scheduled-reports/reserved-member-cleanup";

export type ReservationFilter = { product_id?: string; staff_id?: string };

/** One list of reservations; staff get their own, who manages them everybody's. */
export const reservationsOptions = (list: List, search: TableSearchValues, filter: ReservationFilter) => {
  const query = { ...pageQuery(search), ...filter };
  return queryOptions({
    queryKey: ["reservations", "list", list, query],
    queryFn: ({ signal }) =>
      list === "archive"
        ? getPage<Reservation>(`${BASE}/deleted`, query, signal)
        : getPage<Reservation>(BASE, { ...query, status: list }, signal),
    placeholderData: keepPreviousData,
  });
};

export const countsOptions = queryOptions({
  queryKey: ["reservations", "counts"],
  queryFn: ({ signal }) => get<Counts>(`${BASE}/counts`, undefined, signal),
});

export const reservationOptions = (id: string) =>
  queryOptions({
    queryKey: ["reservations", "one", id],
    queryFn: ({ signal }) => get<ReservationDetail>(`${BASE}/${id}`, undefined, signal),
  });

/** Records change hands by the minute, so a preview is never older than the question. */
export const impactOptions = (wanted: { customer_id: string; product_id: string; staff_id: string }) =>
  queryOptions({
    queryKey: ["reservations", "impact", wanted],
    queryFn: ({ signal }) => get<Impact>(`${BASE}/impact`, wanted, signal),
    staleTime: 0,
  });

/** The same for a reservation that exists: approving it, or moving it to somebody. */
export const impactOfOptions = (id: string, newStaffId?: string) =>
  queryOptions({
    queryKey: ["reservations", "impact-of", id, newStaffId],
    queryFn: ({ signal }) => get<Impact>(`${BASE}/${id}/impact`, { new_staff_id: newStaffId }, signal),
    staleTime: 0,
  });

export const conflictsOptions = (search: ConflictsSearch) => {
  const { q: _q, ...page } = pageQuery(search);
  const query = {
    ...page,
    only_open: search.show === undefined,
    staff_id: search.staff_id,
    product_id: search.product_id,
  };
  return queryOptions({
    queryKey: ["reservations", "conflicts", query],
    queryFn: ({ signal }) => getPage<Conflict>(`${BASE}/conflicts`, query, signal),
    placeholderData: keepPreviousData,
  });
};

export const duplicatesOptions = queryOptions({
  queryKey: ["reservations", "duplicates"],
  queryFn: ({ signal }) => get<Duplicates>(`${BASE}/duplicates`, undefined, signal),
});

export const cleanupConfigOptions = queryOptions({
  queryKey: ["reservations", "cleanup-config"],
  queryFn: ({ signal }) => get<CleanupConfig>(`${BASE}/cleanup-config`, undefined, signal),
});

export const cleanupPreviewOptions = queryOptions({
  queryKey: ["reservations", "cleanup-preview"],
  queryFn: ({ signal }) => get<CleanupPreview>(`${CLEANUP}-preview`, undefined, signal),
});

/** A reservation moves records, hands, requests and inboxes with it (spec 3.2). */
function useRefresh() {
  const client = useQueryClient();
  return () => {
    for (const key of ["reservations", "pools", "customers", "requests", "today", "notifications"]) {
      void client.invalidateQueries({ queryKey: [key] });
    }
  };
}

export function useReserve() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ key, ...body }: NewReservation & { key: string }) =>
      send<Changed>("POST", BASE, body, { idempotencyKey: key }),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export function useReserveMany() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ key, ...body }: BulkReserve & { key: string }) =>
      send<BulkReserved>("POST", `${BASE}/bulk`, body, { idempotencyKey: key }),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

/** One command on one reservation. Answers what it did to records, if it can do anything to them. */
function run(id: string, command: Command, reason?: string): Promise<Partial<Changed> | undefined> {
  switch (command) {
    case "release":
      return send<Changed>("DELETE", `${BASE}/${id}`);
    case "restore":
      return send<Changed>("POST", `${BASE}/deleted/${id}/restore`);
    case "purge":
      return send<undefined>("DELETE", `${BASE}/deleted/${id}`);
    case "permanent":
    case "expirable":
      return send<{ is_permanent: boolean }>("PATCH", `${BASE}/${id}/permanent`, {
        is_permanent: command === "permanent",
      });
    case "reject":
      return send<Changed>("PATCH", `${BASE}/${id}/reject`, { reason: reason || undefined });
    default:
      return send<Changed>("PATCH", `${BASE}/${id}/${command}`);
  }
}

export function useCommand() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, command, reason }: { id: string; command: Command; reason?: string }) =>
      run(id, command, reason),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

/** Each reservation is decided on its own, and says how it went. */
export function useBulkCommand() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ ids, command, reason }: { ids: string[]; command: BulkCommand; reason?: string }) =>
      send<BulkChanged>("POST", `${BASE}/bulk-review`, {
        reservation_ids: ids,
        action: command,
        reason: reason || undefined,
      }),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export function useMove() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, staffId }: { id: string; staffId: string }) =>
      send<Changed>("PATCH", `${BASE}/${id}/move`, undefined, { query: { new_staff_id: staffId } }),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export function useSaveCleanupConfig() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (config: Pick<CleanupConfig, "global_grace_days" | "warning_days" | "product_overrides">) =>
      send<CleanupConfig>("PUT", `${BASE}/cleanup-config`, config),
    onSuccess: (saved) => {
      client.setQueryData(cleanupConfigOptions.queryKey, saved);
      // Every countdown is made of these days.
      void client.invalidateQueries({ queryKey: ["reservations"] });
    },
    meta: { ownError: true },
  });
}

export function useRunCleanup() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => send<{ expired_count: number; warned_count: number }>("POST", `${CLEANUP}-run`),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export function useSettle() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ key, ...body }: { action: SettleAction; record_ids: string[]; key: string }) =>
      send<Settled>("POST", `${BASE}/conflicts/settle`, body, { idempotencyKey: key }),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

/** Settling is an operation for each owner and module; all of them are taken back. */
export function useUndoSettled(onUndone: (sum: { undone: number; skipped: number }) => void) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: async (operationIds: string[]) => {
      const sum = { undone: 0, skipped: 0 };
      for (const id of operationIds) {
        const done = await send<{ undone_count: number; skipped_count: number }>(
          "POST",
          `/api/operations/${id}/undo`,
        );
        sum.undone += done.undone_count;
        sum.skipped += done.skipped_count;
      }
      return sum;
    },
    onSuccess: onUndone,
    onSettled: refresh,
  });
}
