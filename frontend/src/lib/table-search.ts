import { useNavigate, useRouterState, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { z } from "@/lib/zod";

/**
 * What every list keeps in the URL. Extend it in a feature's search.ts:
 * `tableSearchSchema.extend({ role: z.string().optional().catch(undefined) })`.
 */
export const tableSearchSchema = z.object({
  q: z.string().optional().catch(undefined),
  /** Field of the server's sort vocabulary; a leading minus turns it round. */
  sort: z.string().optional().catch(undefined),
  /** Keyset cursor of the page on screen, absent on the first. */
  cursor: z.string().optional().catch(undefined),
  /** Its number, for "51-100 of 1,234" only. */
  page: z.coerce.number().int().min(2).optional().catch(undefined),
  /** The row whose sheet is open. */
  open: z.string().optional().catch(undefined),
  /** A panel over the list that belongs to no row (assign, edit, …). */
  panel: z.string().optional().catch(undefined),
});

/** A business date in the URL; anything else is dropped. */
export const dayField = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .optional()
  .catch(undefined);

export type TableSearchValues = z.infer<typeof tableSearchSchema>;

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** Cursors of the pages before this one, so that "previous" works with keyset paging and survives a reload. */
    trail?: string[];
  }
}

/** Web lists ask for one page of this many rows (spec 6.4). */
export const PAGE_SIZE = 50;

export type TableSearch<S extends TableSearchValues = TableSearchValues> = {
  values: S;
  /** Changes filters, search or sort; always back to page 1. */
  set: (patch: Partial<S>) => void;
  /** Opens or closes (undefined) the sheet of one row, with a panel of it if one is named, keeping the page. */
  setOpen: (id: string | undefined, panel?: S["panel"]) => void;
  /** Opens or closes (undefined) a panel, keeping the page. */
  setPanel: (panel: S["panel"]) => void;
  next: (cursor: string) => void;
  previous: () => void;
  page: number;
  /** Any filter or search beyond page, sort and open row. */
  isFiltered: boolean;
  clear: () => void;
};

const NOT_FILTERS = new Set(["sort", "cursor", "page", "open", "panel", "tab", "group"]);

/** What is on screen rather than how it is narrowed: clearing the filters keeps it. */
const KEPT = new Set(["sort", "tab", "group"]);

/** Drops empty values so that the URL stays short. */
function tidy(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== "" && value !== null),
  );
}

/** The list state of the current route, read from and written to its URL. */
export function useTableSearch<S extends TableSearchValues = TableSearchValues>(): TableSearch<S> {
  const values = useSearch({ strict: false }) as unknown as S;
  const trail = useRouterState({ select: (state) => state.location.state.trail });
  const navigate = useNavigate();

  const go = useCallback(
    (search: Record<string, unknown>, options: { replace?: boolean; trail?: string[] } = {}) =>
      void navigate({
        to: ".",
        search: tidy(search) as never,
        replace: options.replace,
        state: { trail: options.trail },
        resetScroll: false,
      }),
    [navigate],
  );

  return useMemo(() => {
    const page = values.page ?? 1;
    const all = values as Record<string, unknown>;
    const first = { ...all, cursor: undefined, page: undefined };
    return {
      values,
      page,
      set: (patch) => go({ ...first, ...patch }, { replace: "q" in patch }),
      setOpen: (id, panel) => go({ ...all, open: id, panel: panel ?? (id && all.panel) }, { trail }),
      setPanel: (panel) => go({ ...all, panel }, { trail }),
      next: (cursor) =>
        go(
          { ...all, open: undefined, cursor, page: page + 1 },
          { trail: [...(trail ?? []), values.cursor ?? ""] },
        ),
      previous: () => {
        // Without a trail (a shared link) the way back is the first page.
        const before = trail?.at(-1);
        if (page <= 2 || before === undefined || before === "") go(first);
        else go({ ...all, open: undefined, cursor: before, page: page - 1 }, { trail: trail?.slice(0, -1) });
      },
      isFiltered: Object.entries(all).some(
        ([key, value]) => !NOT_FILTERS.has(key) && value !== undefined && value !== "",
      ),
      clear: () => go(Object.fromEntries(Object.entries(all).filter(([key]) => KEPT.has(key)))),
    };
  }, [values, trail, go]);
}

/** The query of one page, from the URL values: only what is set. */
export function pageQuery(values: TableSearchValues): {
  limit: number;
  q?: string;
  sort?: string;
  cursor?: string;
} {
  const { q, sort, cursor } = values;
  return { limit: PAGE_SIZE, q, sort, cursor };
}
