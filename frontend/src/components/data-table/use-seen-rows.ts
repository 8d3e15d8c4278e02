import { useCallback, useEffect, useRef } from "react";

/** Remembers the rows of every page that was on screen; returns those of `ids` that were. A selection reaches over pages. */
export function useSeenRows<Row extends { id: string }>(items: readonly Row[] | undefined) {
  const seen = useRef(new Map<string, Row>());
  useEffect(() => {
    for (const row of items ?? []) seen.current.set(row.id, row);
  }, [items]);
  return useCallback((ids: readonly string[]) => ids.flatMap((id) => seen.current.get(id) ?? []), []);
}
