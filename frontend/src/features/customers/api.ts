import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { getPage } from "@/api/client";
import type { Schemas } from "@/api/schema";
import type { Module, PoolRecord } from "@/features/pools";
import { PAGE_SIZE, pageQuery } from "@/lib/table-search";
import { type AssignmentsSearch, groupOf, type MySearch } from "./search";

/** What one hand-out gave (a batch), or all that one database gave, to the staff who asks. */
export type Group = Schemas["GroupOut"] & { module: Module };

/** A record as its holder or an admin sees it across databases. */
export type HeldRecord = Schemas["DealtRecordOut"] & PoolRecord & { module: Module };

export const groupsOptions = infiniteQueryOptions({
  queryKey: ["customers", "groups"],
  queryFn: ({ signal, pageParam }) =>
    getPage<Group>("/api/my/groups", { limit: PAGE_SIZE, cursor: pageParam }, signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.nextCursor ?? undefined,
});

export const myRecordsOptions = (search: MySearch) => {
  const group = groupOf(search.group);
  return queryOptions({
    queryKey: ["customers", "mine", pageQuery(search), group],
    queryFn: ({ signal }) =>
      getPage<HeldRecord>(
        "/api/my/records",
        { ...pageQuery(search), group_kind: group?.kind, group_id: group?.id },
        signal,
      ),
    placeholderData: keepPreviousData,
  });
};

export const assignmentsOptions = (search: AssignmentsSearch) =>
  queryOptions({
    queryKey: ["customers", "assignments", pageQuery(search), search.staff_id, search.module],
    queryFn: ({ signal }) =>
      getPage<HeldRecord>(
        "/api/assignments",
        { ...pageQuery(search), staff_id: search.staff_id, module: search.module },
        signal,
      ),
    placeholderData: keepPreviousData,
  });
