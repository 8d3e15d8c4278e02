import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPage, send } from "@/api/client";
import type { Schemas } from "@/api/schema";
import type { Module } from "@/features/pools";
import { pageQuery } from "@/lib/table-search";
import type { Group, ValidationSearch } from "./search";
import type {
  ArchivedRecord,
  InvalidRecord,
  Processed,
  ReplacementRules,
  ReplacementRulesChange,
  Summary,
} from "./types";

const BASE = "/api/validation";

export const summaryOptions = (module?: Module) =>
  queryOptions({
    queryKey: ["validation", "summary", module],
    queryFn: ({ signal }) => get<Summary>(`${BASE}/summary`, { module }, signal),
    placeholderData: keepPreviousData,
  });

export const invalidRecordsOptions = (group: Group, search: ValidationSearch) => {
  const { reason, database_id } = search;
  return queryOptions({
    queryKey: ["validation", "records", group, pageQuery(search), reason, database_id],
    queryFn: ({ signal }) =>
      getPage<InvalidRecord>(
        `${BASE}/records`,
        { ...pageQuery(search), module: group.module, staff_id: group.staffId, reason, database_id },
        signal,
      ),
    placeholderData: keepPreviousData,
  });
};

export const archivedOptions = (search: ValidationSearch) => {
  const { module, staff_id, database_id } = search;
  return queryOptions({
    queryKey: ["validation", "archived", pageQuery(search), module, staff_id, database_id],
    queryFn: ({ signal }) =>
      getPage<ArchivedRecord>(
        `${BASE}/archived`,
        { ...pageQuery(search), module, staff_id, database_id },
        signal,
      ),
    placeholderData: keepPreviousData,
  });
};

export const rulesOptions = (module: Module) =>
  queryOptions({
    queryKey: ["settings", "replacement", module],
    queryFn: ({ signal }) => get<ReplacementRules>(`/api/pools/${module}/settings`, undefined, signal),
  });

/** What is processed leaves somebody's hands and may bring them others: everything that counts follows. */
function useRefresh() {
  const client = useQueryClient();
  return () => {
    for (const key of ["validation", "pools", "customers", "today", "notifications"]) {
      void client.invalidateQueries({ queryKey: [key] });
    }
  };
}

export type ProcessRequest = Group & {
  /** Absent: all that this staff has rejected in this module. */
  recordIds?: string[];
  replaceCount: number;
  key: string;
};

export function useProcess() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ module, staffId, recordIds, replaceCount, key }: ProcessRequest) =>
      send<Processed>(
        "POST",
        `${BASE}/process`,
        { module, staff_id: staffId, record_ids: recordIds, replace_count: replaceCount },
        { idempotencyKey: key },
      ),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export function useReturn() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ recordIds, note }: { recordIds: string[]; note?: string }) =>
      send<Schemas["Returned"]>("POST", `${BASE}/return`, {
        record_ids: recordIds,
        note: note || undefined,
      }),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export function useDismiss() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ module, staffId }: { module: Module; staffId?: string }) =>
      send<Schemas["Dismissed"]>("POST", `${BASE}/dismiss`, { module, staff_id: staffId }),
    onSettled: refresh,
  });
}

export function useSaveRules(module: Module) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (rules: ReplacementRulesChange) =>
      send<ReplacementRules>("PUT", `/api/pools/${module}/settings`, rules),
    onSuccess: (saved) => client.setQueryData(rulesOptions(module).queryKey, saved),
    meta: { ownError: true },
  });
}
