import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { get, getPage, newIdempotencyKey, send } from "@/api/client";
import { PAGE_SIZE, pageQuery } from "@/lib/table-search";
import { type CustomersSearch, groupOf, markFilters } from "./search";
import type { Group, HeldRecord, Note, TimelineEntry, Verdict, VerdictAnswer } from "./types";

export const groupsOptions = infiniteQueryOptions({
  queryKey: ["customers", "groups"],
  queryFn: ({ signal, pageParam }) =>
    getPage<Group>("/api/my/groups", { limit: PAGE_SIZE, cursor: pageParam }, signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.nextCursor ?? undefined,
});

export const myRecordsOptions = (search: CustomersSearch) => {
  const group = groupOf(search.group);
  const query = { ...pageQuery(search), ...markFilters(search) };
  return queryOptions({
    queryKey: ["customers", "mine", query, group],
    queryFn: ({ signal }) =>
      getPage<HeldRecord>(
        "/api/my/records",
        { ...query, group_kind: group?.kind, group_id: group?.id },
        signal,
      ),
    placeholderData: keepPreviousData,
  });
};

export const assignmentsOptions = (search: CustomersSearch) => {
  const { staff_id, module, reason } = search;
  const query = { ...pageQuery(search), ...markFilters(search), staff_id, module, reason };
  return queryOptions({
    queryKey: ["customers", "assignments", query],
    queryFn: ({ signal }) => getPage<HeldRecord>("/api/assignments", query, signal),
    placeholderData: keepPreviousData,
  });
};

export const recordOptions = (id: string) =>
  queryOptions({
    queryKey: ["customers", "record", id],
    queryFn: ({ signal }) => get<HeldRecord>(`/api/records/${id}`, undefined, signal),
  });

export const notesOptions = (id: string) =>
  queryOptions({
    queryKey: ["customers", "notes", id],
    queryFn: ({ signal }) => get<Note[]>(`/api/records/${id}/notes`, undefined, signal),
    staleTime: 0,
  });

export const timelineOptions = (id: string) =>
  queryOptions({
    queryKey: ["customers", "timeline", id],
    queryFn: ({ signal }) => get<TimelineEntry[]>(`/api/records/${id}/timeline`, undefined, signal),
    staleTime: 0,
  });

/** Why a record can be called invalid; what is switched off stays readable on old records. */
export const reasonCodesOptions = queryOptions({
  queryKey: ["reason-codes"],
  queryFn: ({ signal }) =>
    get<{ code: string; is_active: boolean }[]>("/api/settings/reason-codes", undefined, signal),
  staleTime: 5 * 60_000,
});

export function useAddNote(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (text: string) => send<Note>("POST", `/api/records/${id}/notes`, { text }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["customers"] }),
    meta: { ownError: true },
  });
}

export function useChangeGroup() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ group, ...patch }: { group: Group; title?: string; is_pinned?: boolean }) =>
      send<Group>("PATCH", `/api/my/groups/${group.kind}/${group.id}`, patch),
    onSettled: () => client.invalidateQueries({ queryKey: groupsOptions.queryKey }),
  });
}

/** Tells the server that the new records of a group have been looked at. Nobody waits for it and nobody needs to know. */
export function useSeen() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (group: { kind: string; id: string }) =>
      send<void>("POST", `/api/my/groups/${group.kind}/${group.id}/seen`),
    onSuccess: () => client.invalidateQueries({ queryKey: groupsOptions.queryKey }),
    meta: { ownError: true },
  });
}

export type BulkMarks = {
  record_ids: string[];
  whatsapp_status?: string | null;
  respond_status?: string | null;
};

/** For admins: the records of several people at once. */
export function useBulkMarks() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (marks: BulkMarks) =>
      send<{ updated_count: number; unchanged_count: number }>("POST", "/api/bulk/status-update", marks),
    onSettled: () => client.invalidateQueries({ queryKey: ["customers"] }),
  });
}

export function useBulkVerdict() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (verdict: Verdict & { record_ids: string[] }) =>
      send<VerdictAnswer>("POST", "/api/records/validate", verdict, { idempotencyKey: newIdempotencyKey() }),
    onSettled: () => client.invalidateQueries({ queryKey: ["customers"] }),
  });
}
