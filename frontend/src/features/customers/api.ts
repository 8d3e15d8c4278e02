import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { get, getPage, newIdempotencyKey, send } from "@/api/client";
import { PAGE_SIZE, pageQuery } from "@/lib/table-search";
import type { MarkValues } from "./marked";
import { type CustomersSearch, groupOf, markFilters } from "./search";
import type {
  Customer,
  Group,
  HeldRecord,
  MarksAnswer,
  Note,
  TimelineEntry,
  Verdict,
  VerdictAnswer,
} from "./types";

const BULK_MAX = 500;

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

export const assignmentFilter = (search: CustomersSearch) => {
  const { q, staff_id, module, reason } = search;
  return { ...markFilters(search), q, staff_id, module, reason };
};

export const assignmentsOptions = (search: CustomersSearch) => {
  const query = { ...pageQuery(search), ...assignmentFilter(search) };
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

/** The name may be written in any way: the server knows which customer is meant. */
export const customerOptions = (name: string) =>
  queryOptions({
    queryKey: ["customers", "customer", name],
    queryFn: ({ signal }) => get<Customer>(`/api/customers/${encodeURIComponent(name)}`, undefined, signal),
  });

export function useAddNote(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ text, key }: { text: string; key: string }) =>
      send<Note>("POST", `/api/records/${id}/notes`, { text }, { idempotencyKey: key }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["customers"] }),
    meta: { ownError: true },
  });
}

export function useChangeGroup() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ group, ...patch }: { group: Group; title?: string; is_pinned?: boolean }) =>
      send<void>("PATCH", `/api/my/groups/${group.kind}/${group.id}`, patch),
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

/** For admins: records of several people at once, up to 500 in a request; a mark that is null is cleared. */
export function useBulkMarks() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ recordIds, values }: { recordIds: string[]; values: MarkValues }) => {
      let count = 0;
      for (let from = 0; from < recordIds.length; from += BULK_MAX) {
        const marks = recordIds.slice(from, from + BULK_MAX).map((record_id) => ({ record_id, ...values }));
        count += (await send<MarksAnswer>("POST", "/api/my/marks", { marks })).records.length;
      }
      return count;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["customers"] }),
  });
}

/** For admins: the same verdict on records of several people, up to 500 in a request. */
export function useBulkVerdict() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ recordIds, verdict }: { recordIds: string[]; verdict: Verdict }) => {
      const answers: VerdictAnswer[] = [];
      for (let from = 0; from < recordIds.length; from += BULK_MAX) {
        const body = { record_ids: recordIds.slice(from, from + BULK_MAX), ...verdict };
        const idempotencyKey = newIdempotencyKey();
        answers.push(await send<VerdictAnswer>("POST", "/api/records/validate", body, { idempotencyKey }));
      }
      return answers;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["customers"] }),
  });
}
