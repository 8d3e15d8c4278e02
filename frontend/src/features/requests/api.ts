import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPage, send } from "@/api/client";
import { pageQuery, type TableSearchValues } from "@/lib/table-search";
import { reviewInParts } from "./review-parts";
import type {
  AutoApproval,
  AutoApprovalChange,
  AutoApprove,
  BulkReview,
  RecordRequest,
  Requestable,
  RequestDetail,
  RequestStats,
  RequestStatus,
} from "./types";

const BASE = "/api/download-requests";

export type RequestFilter = { status?: RequestStatus; staff_id?: string; database_id?: string };

/** Staff get their own requests, reviewers everybody's. */
export const requestsOptions = (search: TableSearchValues, filter: RequestFilter) =>
  queryOptions({
    queryKey: ["requests", "list", pageQuery(search), filter],
    queryFn: ({ signal }) => getPage<RecordRequest>(BASE, { ...pageQuery(search), ...filter }, signal),
    placeholderData: keepPreviousData,
  });

export const requestOptions = (id: string) =>
  queryOptions({
    queryKey: ["requests", "one", id],
    queryFn: ({ signal }) => get<RequestDetail>(`${BASE}/${id}`, undefined, signal),
  });

export const requestStatsOptions = queryOptions({
  queryKey: ["requests", "stats"],
  queryFn: ({ signal }) => get<RequestStats>(`${BASE}/stats`, undefined, signal),
});

/** Counts change by the minute and others' requests take from them, so they are never older than the sheet. */
export const requestableOptions = (q: string) =>
  queryOptions({
    queryKey: ["requests", "databases", q],
    queryFn: ({ signal }) =>
      get<Requestable[]>("/api/my/requestable-databases", { q: q || undefined }, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

export const autoApprovalOptions = queryOptions({
  queryKey: ["settings", "auto-approve"],
  queryFn: ({ signal }) => get<AutoApproval>("/api/settings/auto-approve", undefined, signal),
});

/** A request holds or gives records: counts, hands and inboxes change with it. */
function useRefresh() {
  const client = useQueryClient();
  return () => {
    for (const key of ["requests", "pools", "customers", "today", "notifications"]) {
      void client.invalidateQueries({ queryKey: [key] });
    }
  };
}

export function useAskForRecords() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ databaseId, count, key }: { databaseId: string; count: number; key: string }) =>
      send<RecordRequest>(
        "POST",
        BASE,
        { database_id: databaseId, record_count: count },
        { idempotencyKey: key },
      ),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export type ReviewAction = "approve" | "reject";

/** One path for one request and for many (spec 2.3): each is decided on its own, and says how it went. */
export function useReview(onProgress?: (decided: number) => void) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ ids, action, reason }: { ids: string[]; action: ReviewAction; reason?: string }) =>
      reviewInParts(
        ids,
        (part) =>
          send<BulkReview>("POST", "/api/bulk/requests", {
            request_ids: part,
            action,
            reason: reason || undefined,
          }),
        onProgress,
      ),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export function useCancelRequest() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: string) => send<RecordRequest>("PATCH", `${BASE}/${id}/cancel`),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export function useSaveAutoApproval() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (settings: AutoApprovalChange) =>
      send<AutoApproval>("PUT", "/api/settings/auto-approve", settings),
    onSuccess: (saved) => {
      client.setQueryData(autoApprovalOptions.queryKey, saved);
      void client.invalidateQueries({ queryKey: ["requests"] });
    },
    meta: { ownError: true },
  });
}

/** The address takes a flag, and a word that is none for "as everywhere". */
const AS_STORED: Record<AutoApprove, boolean | "null"> = { follow: "null", always: true, never: false };

export function useSetAutoApprove(databaseId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (value: AutoApprove) =>
      send<unknown>("PUT", `/api/databases/${databaseId}/auto-approve/set`, undefined, {
        query: { auto_approve: AS_STORED[value] },
      }),
    onSettled: refresh,
  });
}
