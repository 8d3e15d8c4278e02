import type { UseQueryResult } from "@tanstack/react-query";
import { useQuery } from "@tanstack/react-query";
import type { RowData } from "@tanstack/react-table";
import { Download } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Page } from "@/api/client";
import { saveCsv } from "@/components/charts";
import { columnHelper, DataTable } from "@/components/data-table";
import { toast, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import type { TableSearch } from "@/lib/table-search";
import { type DrillQuery, drillAll, drillOptions } from "./api";
import { useAnalytics } from "./context";
import type { DrillColumn } from "./drill-columns";
import type { Drill } from "./search";

export type DrillProps<B, R extends RowData> = {
  what: Drill;
  /** Of whom or what, beside the page's own filters. */
  query: DrillQuery;
  label: string;
  rows: (body: B) => readonly R[];
  rowId: (row: R) => string;
  /** On the screen and in the file; stays the same from one drawing to the next. */
  columns: readonly DrillColumn<R>[];
  /** Which part of it is shown. */
  filters?: ReactNode;
  /** What the rows of all pages add up to. */
  facts: (body: B) => ReactNode;
};

/** The rows behind one mark: paged and sorted by the server, with their sums over all pages, and as a file. */
export function DrillTable<B, R extends RowData>({
  what,
  query: asked,
  label,
  rows,
  rowId,
  columns,
  facts,
  filters,
}: DrillProps<B, R>) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { search } = useAnalytics();
  const [busy, setBusy] = useState(false);
  const { sort, cursor } = search.values;
  const offset = Number(cursor ?? 0) || 0;
  const query = useQuery(drillOptions<B>(what, asked, sort, offset));
  const { data } = query;
  const page = useMemo(() => {
    if (!data) return query as UseQueryResult<never>;
    const items = [...rows(data.body)];
    const shown = offset + items.length;
    const nextCursor = items.length > 0 && shown < data.total ? String(shown) : null;
    return { ...query, data: { items, total: data.total, nextCursor } } as UseQueryResult<Page<R>>;
  }, [query, data, rows, offset]);

  const shown = useMemo(() => {
    const column = columnHelper<R>();
    return columns
      .filter(({ fileOnly }) => !fileOnly)
      .map(({ key, label: heading, value, cell = value, unit, sort, card, startsHidden }) =>
        column(key, {
          label: heading,
          sort,
          card,
          startsHidden,
          align: unit && "end",
          hideable: card !== "title",
          cell,
        }),
      );
  }, [columns]);

  async function download() {
    setBusy(true);
    try {
      const all = await drillAll<B, R>(what, asked, sort, rows);
      saveCsv(what, [
        columns.map((column) => column.label),
        ...all.map((row) => columns.map(({ value }) => value(row))),
      ]);
    } catch (error) {
      toast.error(problemText(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className="grid gap-3">
      {data && <div className="grid grid-cols-2 gap-2 sm:grid-cols-4">{facts(data.body)}</div>}
      <DataTable
        id={`drill-${what}`}
        label={label}
        columns={shown}
        query={page}
        // The page's filters are not this list's: clearing them here would change what is behind it.
        search={{ ...search, isFiltered: false } as unknown as TableSearch}
        getRowId={rowId}
        empty={{ title: t("analytics.drill.empty"), description: t("analytics.drill.empty_hint") }}
        filters={filters}
        actions={
          <Button onClick={download} busy={busy} disabled={!data || rows(data.body).length === 0}>
            <Download aria-hidden />
            {t("analytics.drill.download")}
          </Button>
        }
      />
    </div>
  );
}
