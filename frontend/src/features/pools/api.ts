import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPage, send } from "@/api/client";
import type { Schemas } from "@/api/schema";
import { pageQuery } from "@/lib/table-search";
import type { DatabaseSearch, PoolSearch } from "./search";
import type {
  Activity,
  AssignResult,
  Batch,
  Eligibility,
  HandedOver,
  HistoryEntry,
  Module,
  PoolDatabase,
  PoolDatabaseDetail,
  PoolRecord,
  Quality,
} from "./types";

const base = (module: Module) => `/api/pools/${module}`;

export const databasesOptions = (module: Module, search: PoolSearch) =>
  queryOptions({
    queryKey: ["pools", module, "databases", pageQuery(search), search.product_id, search.tab === "trash"],
    queryFn: ({ signal }) =>
      getPage<PoolDatabase>(
        `${base(module)}/databases`,
        {
          ...pageQuery(search),
          product_id: search.product_id,
          deleted: search.tab === "trash" ? true : undefined,
        },
        signal,
      ),
    placeholderData: keepPreviousData,
  });

export const databaseOptions = (module: Module, id: string) =>
  queryOptions({
    queryKey: ["pools", module, "database", id],
    queryFn: ({ signal }) => get<PoolDatabaseDetail>(`${base(module)}/databases/${id}`, undefined, signal),
  });

const recordFilter = ({ status, validation, assigned_to }: DatabaseSearch) => ({
  status,
  validation,
  assigned_to,
});

export const recordsOptions = (module: Module, id: string, search: DatabaseSearch) =>
  queryOptions({
    queryKey: ["pools", module, "records", id, pageQuery(search), recordFilter(search)],
    queryFn: ({ signal }) =>
      getPage<PoolRecord>(
        `${base(module)}/databases/${id}/records`,
        { ...pageQuery(search), ...recordFilter(search) },
        signal,
      ),
    placeholderData: keepPreviousData,
  });

/** What came of the dealt records; counting reads them all, so it is not asked for again while somebody looks around. */
export const qualityOptions = (module: Module, id: string) =>
  queryOptions({
    queryKey: ["pools", module, "quality", id],
    queryFn: ({ signal }) => get<Quality>(`${base(module)}/databases/${id}/quality`, undefined, signal),
    staleTime: 60_000,
  });

export const activityOptions = (module: Module, id: string, search: DatabaseSearch) =>
  queryOptions({
    queryKey: ["pools", module, "activity", id, pageQuery(search)],
    queryFn: ({ signal }) =>
      getPage<Activity>(`${base(module)}/databases/${id}/activity`, pageQuery(search), signal),
    placeholderData: keepPreviousData,
  });

/** Who can get how many: for these staff if any are named, else for whoever comes first. Never older than the sheet. */
export const eligibilityOptions = (module: Module, id: string, staffIds: readonly string[]) =>
  queryOptions({
    queryKey: ["pools", module, "eligibility", id, [...staffIds].sort()],
    queryFn: ({ signal }) =>
      get<Eligibility>(`${base(module)}/databases/${id}/eligibility`, { staff_id: staffIds }, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

/** The batches that a staff has of a database, newest first. */
export const batchesOptions = (module: Module, id: string, staffId: string) =>
  queryOptions({
    queryKey: ["pools", module, "batches", id, staffId],
    queryFn: ({ signal }) =>
      get<Batch[]>(`${base(module)}/databases/${id}/batches`, { staff_id: staffId }, signal),
    staleTime: 0,
  });

export const historyOptions = (recordId: string) =>
  queryOptions({
    queryKey: ["pools", "history", recordId],
    queryFn: ({ signal }) => get<HistoryEntry[]>(`/api/records/${recordId}/history`, undefined, signal),
    staleTime: 0,
  });

/** Counts, lists, histories and the counters of Today all follow a change of records. Nobody waits for them. */
function useRefresh() {
  const client = useQueryClient();
  return () => {
    for (const key of ["pools", "customers", "validation", "today", "products"]) {
      void client.invalidateQueries({ queryKey: [key] });
    }
  };
}

export type AssignTarget = { staffIds: string[]; batchId?: string };

export type AssignRequest = AssignTarget & { key: string } & (
    | { mode: "random"; databaseId: string; quantity: number; allowPartial: boolean }
    | { mode: "selected"; recordIds: string[] }
  );

export function useAssign(module: Module) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (request: AssignRequest) => {
      const target = { staff_ids: request.staffIds, batch_id: request.batchId };
      const options = { idempotencyKey: request.key };
      return request.mode === "random"
        ? send<AssignResult>(
            "POST",
            `${base(module)}/assign-random`,
            {
              ...target,
              database_id: request.databaseId,
              quantity: request.quantity,
              allow_partial: request.allowPartial,
            },
            options,
          )
        : send<AssignResult>(
            "POST",
            `${base(module)}/assign`,
            { ...target, record_ids: request.recordIds },
            options,
          );
    },
    // A refusal may mean that others were quicker: the figures on screen are old either way.
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export function useRecall(module: Module) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ recordIds, key }: { recordIds: string[]; key: string }) =>
      send<{ operation_id: string; recalled_count: number }>(
        "POST",
        `${base(module)}/recall`,
        { record_ids: recordIds },
        { idempotencyKey: key },
      ),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export function useTrashRecords(module: Module) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ recordIds, force }: { recordIds: string[]; force: boolean }) =>
      send<{ operation_id: string; deleted_count: number }>("POST", `${base(module)}/records/trash`, {
        record_ids: recordIds,
        force,
      }),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export function useRestoreRecords(module: Module) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (recordIds: string[]) =>
      send<{ restored_count: number }>("POST", `${base(module)}/records/restore`, { record_ids: recordIds }),
    onSettled: refresh,
  });
}

/** Out of the archive of rejected records, back to the pool (spec 2.1); of any module. */
export function useRestoreArchived() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (recordIds: string[]) =>
      send<Schemas["Restored"]>("POST", "/api/validation/restore", {
        record_ids: recordIds,
      }),
    onSettled: refresh,
  });
}

export function useHandOver(module: Module) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ recordIds, staffId, key }: { recordIds: string[]; staffId: string; key: string }) =>
      send<HandedOver>(
        "POST",
        `${base(module)}/hand-over`,
        { record_ids: recordIds, staff_id: staffId },
        { idempotencyKey: key },
      ),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export type Undone = { operation_id: string; undone_count: number; skipped_count: number };

/** `onUndone` is called even when what started it is no longer on screen, as a toast outlives its sheet. */
export function useUndo(onUndone?: (undone: Undone) => void) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (operationId: string) => send<Undone>("POST", `/api/operations/${operationId}/undo`),
    onSuccess: onUndone,
    onSettled: refresh,
  });
}

export function useUpdateDatabase(module: Module, id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (patch: { name?: string; product_id?: string }) =>
      send<PoolDatabaseDetail>("PATCH", `${base(module)}/databases/${id}`, patch),
    onSuccess: refresh,
    meta: { ownError: true },
  });
}

export function useDeleteDatabase(module: Module) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, force }: { id: string; force: boolean }) =>
      send<{ deleted_id: string; recalled_count: number }>(
        "DELETE",
        `${base(module)}/databases/${id}`,
        undefined,
        {
          query: { force: force || undefined },
        },
      ),
    onSuccess: refresh,
    meta: { ownError: true },
  });
}

export function useRestoreDatabase(module: Module) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: string) => send<PoolDatabaseDetail>("POST", `${base(module)}/databases/${id}/restore`),
    onSuccess: refresh,
  });
}
