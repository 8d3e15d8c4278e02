import type { UseQueryResult } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import type { Page } from "@/api/client";

/**
 * The rows on screen with their newest content, in the order in which they were first shown. What the newest answer no
 * longer has stays, as `gone`; a replaced row gives its place to its successor. `unseen` counts what is not shown yet.
 */
export function steadyRows<T extends { id: string }>(
  shown: readonly T[],
  newest: readonly T[],
  replaced: ReadonlyMap<string, T>,
): { rows: T[]; gone: Set<string>; unseen: number } {
  const byId = new Map(newest.map((row) => [row.id, row]));
  const gone = new Set<string>();
  const rows = shown.map((original) => {
    let row = original;
    for (let next = replaced.get(row.id); next; next = replaced.get(row.id)) row = next;
    const now = byId.get(row.id);
    if (!now && row === original) gone.add(row.id);
    return now ?? row;
  });
  const ids = new Set([...shown, ...rows].map((row) => row.id));
  return { rows, gone, unseen: newest.filter((row) => !ids.has(row.id)).length };
}

/**
 * One page of a list that does not jump while it is worked on: refreshes change rows in place and never move, add or
 * drop them. `key` names the page (filters, group, cursor); another key is another page. The next page starts after the
 * last row that was shown, whatever has left the list since.
 */
export function useSteadyPage<T extends { id: string }>(
  query: UseQueryResult<Page<T>>,
  key: string,
  replaced: ReadonlyMap<string, T>,
): {
  query: UseQueryResult<Page<T>>;
  gone: ReadonlySet<string>;
  unseen: number;
  refresh: () => void;
} {
  const [shown, setShown] = useState<{ key: string; page: Page<T> } | null>(null);
  const { data, isPlaceholderData, isFetching, refetch } = query;
  if (data && !isPlaceholderData && !isFetching && shown?.key !== key) setShown({ key, page: data });

  const held = shown?.key === key && !isPlaceholderData ? shown.page : null;
  const steady = useMemo(
    () => (held && data ? steadyRows(held.items, data.items, replaced) : null),
    [held, data, replaced],
  );
  const refresh = useCallback(() => {
    setShown(null);
    void refetch();
  }, [refetch]);
  return useMemo(() => {
    if (!held || !data || !steady) return { query, gone: NOTHING, unseen: 0, refresh };
    const page = { items: steady.rows, total: data.total, nextCursor: held.nextCursor };
    return {
      query: { ...query, data: page } as UseQueryResult<Page<T>>,
      gone: steady.gone,
      unseen: steady.unseen,
      refresh,
    };
  }, [query, held, data, steady, refresh]);
}

const NOTHING: ReadonlySet<string> = new Set();
