import type { UseQueryResult } from "@tanstack/react-query";
import { type RowData, type RowSelectionState, useTable } from "@tanstack/react-table";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Page } from "@/api/client";
import { EmptyState, type EmptyStateProps, ErrorState, StaleNote } from "@/components/feedback/states";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import { cn } from "@/lib/cn";
import { PAGE_SIZE, type TableSearch } from "@/lib/table-search";
import { useIsPhone } from "@/lib/use-media";
import { usePreference } from "@/lib/use-preference";
import { BulkBar } from "./bulk-bar";
import { Cards } from "./cards";
import { type Columns, features } from "./columns";
import { Grid } from "./grid";
import { Pager } from "./pager";
import { type Density, FilterBar, SearchField, ViewMenu } from "./toolbar";
import { useRowKeys } from "./use-row-keys";

const NO_ROWS: never[] = [];

export type Selection<T> = {
  /** Ids of every selected row, on other pages too. */
  ids: string[];
  /** Those of them that are on this page. */
  rows: T[];
  clear: () => void;
};

export type DataTableProps<T extends RowData> = {
  /** Key of the browser's memory for columns and density. */
  id: string;
  /** Accessible name of the list. */
  label: string;
  columns: Columns<T>;
  query: UseQueryResult<Page<T>>;
  search: TableSearch;
  getRowId: (row: T) => string;
  /** Names the search field; without it there is none. */
  searchLabel?: string;
  filters?: ReactNode;
  actions?: ReactNode;
  empty: EmptyStateProps;
  onOpen?: (row: T) => void;
  isOpen?: (row: T) => boolean;
  rowActions?: (row: T) => ReactNode;
  rowClassName?: (row: T) => string | undefined;
  /** Keys of the page's own on the focused row; answers true for those it has used. */
  onRowKey?: (event: KeyboardEvent<HTMLElement>, row: T) => boolean;
  /** Search and filters stay in sight while the list scrolls on a phone. */
  stickyFilters?: boolean;
  /** Turns selection on; shown while something is selected. */
  bulk?: (selection: Selection<T>) => ReactNode;
  canSelect?: (row: T) => boolean;
  /** Cards instead of a table on wider screens than a phone as well. */
  cards?: boolean;
  /** Own phone card instead of the one made from the columns. */
  card?: (row: T) => ReactNode;
};

/** The one list of the app: the server pages, sorts, filters and searches; this shows it (spec 6.3, 6.4). */
export function DataTable<T extends RowData>(props: DataTableProps<T>) {
  const { id, label, columns, query, search, getRowId, bulk, canSelect, onOpen } = props;
  const { t } = useTranslation();
  const isPhone = useIsPhone();
  const container = useRef<HTMLDivElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const [density, setDensity] = usePreference<Density>(`table:${id}:density`, "compact");
  const [storedVisibility, setVisibility] = usePreference<Record<string, boolean>>(`table:${id}:columns`, {});
  const [rowSelection, setRowSelection] = useState<RowSelectionState>({});

  const columnVisibility = useMemo(() => {
    const hidden = columns.filter((column) => column.meta?.startsHidden).map((column) => [column.id, false]);
    return { ...Object.fromEntries(hidden), ...storedVisibility };
  }, [columns, storedVisibility]);

  // What was selected under one filter is not what is meant under another.
  const {
    cursor: _cursor,
    page: _page,
    open: _open,
    panel: _panel,
    sort: _sort,
    ...filterValues
  } = search.values;
  const filterKey = JSON.stringify(filterValues);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the filter changes, and only then
  useEffect(() => setRowSelection({}), [filterKey]);

  // Later pages are not counted again; how many there are was said with the first.
  const [counted, setCounted] = useState<{ filterKey: string; total: number } | null>(null);
  const said = query.isPlaceholderData ? null : (query.data?.total ?? null);
  if (said !== null && (counted?.filterKey !== filterKey || counted.total !== said)) {
    setCounted({ filterKey, total: said });
  }
  const total = said ?? (counted?.filterKey === filterKey ? counted.total : null);

  const data: T[] = query.data?.items ?? NO_ROWS;
  const table = useTable({
    features,
    columns,
    data,
    getRowId,
    state: { columnVisibility, rowSelection },
    enableRowSelection: canSelect ? (row) => canSelect(row.original) : true,
    onRowSelectionChange: setRowSelection,
    onColumnVisibilityChange: (update) =>
      setVisibility(typeof update === "function" ? update(columnVisibility) : update),
  });

  const next = query.data?.nextCursor ?? null;
  const goNext = next && !query.isPlaceholderData ? () => search.next(next) : undefined;
  const goPrevious = search.page > 1 ? search.previous : undefined;
  const rows = table.getRowModel().rows;
  const keys = useRowKeys({
    container,
    searchField,
    count: rows.length,
    rowsKey: rows.map((row) => row.id).join(" "),
    onRowKey:
      props.onRowKey &&
      ((event, index) => rows[index] !== undefined && props.onRowKey?.(event, rows[index].original) === true),
    onOpen: onOpen && ((index) => rows[index] && onOpen(rows[index].original)),
    onToggle: bulk && ((index) => rows[index]?.getCanSelect() && rows[index].toggleSelected()),
    onNext: goNext,
    onPrevious: goPrevious,
    page: search.page,
    listKey: filterKey,
    isLoading: query.isPlaceholderData || query.isPending,
  });

  const selectedIds = Object.keys(rowSelection).filter((key) => rowSelection[key]);
  const clear = () => setRowSelection({});
  const failed = query.isError && query.data === undefined;
  const isEmpty = query.data !== undefined && data.length === 0;
  const shared = {
    table,
    label,
    selectable: bulk !== undefined,
    loading: query.isPending,
    active: keys.active,
    isOpen: props.isOpen,
    onOpen,
    onRowFocus: keys.setActive,
    onKeyDown: keys.onKeyDown,
    rowActions: props.rowActions,
    rowClassName: props.rowClassName,
  };

  return (
    <div>
      <FilterBar
        className={
          props.stickyFilters
            ? "max-sm:sticky max-sm:top-[calc(3rem+var(--banner))] max-sm:z-10 max-sm:-mx-3 max-sm:bg-background max-sm:px-3 max-sm:pt-2"
            : undefined
        }
        actions={
          <>
            <ViewMenu
              density={density}
              onDensity={setDensity}
              columns={table
                .getAllLeafColumns()
                .filter((column) => column.getCanHide())
                .map((column) => ({
                  id: column.id,
                  label: column.columnDef.meta?.label ?? column.id,
                  visible: column.getIsVisible(),
                  toggle: (visible) => column.toggleVisibility(visible),
                }))}
            />
            {props.actions}
          </>
        }
      >
        {props.searchLabel && (
          <SearchField
            label={props.searchLabel}
            value={search.values.q ?? ""}
            onChange={(q) => search.set({ q: q || undefined })}
            inputRef={searchField}
          />
        )}
        {props.filters}
        {search.isFiltered && (
          <Button variant="ghost" onClick={search.clear}>
            {t("table.clear_filters")}
          </Button>
        )}
      </FilterBar>

      {query.isError && query.data !== undefined && (
        <StaleNote error={query.error} onRetry={() => query.refetch()} />
      )}

      <Card className="relative overflow-hidden">
        {query.isFetching && !query.isPending && (
          <div className="absolute inset-x-0 top-0 h-0.5 animate-pulse bg-accent" aria-hidden />
        )}
        <div ref={container} className={cn("overflow-x-auto", query.isPlaceholderData && "opacity-60")}>
          {failed ? (
            <ErrorState error={query.error} onRetry={() => query.refetch()} />
          ) : isEmpty && search.isFiltered ? (
            <EmptyState
              title={t("table.nothing_found")}
              description={t("table.nothing_found_hint")}
              action={<Button onClick={search.clear}>{t("table.clear_filters")}</Button>}
            />
          ) : isEmpty && search.page > 1 ? (
            <EmptyState
              title={t("table.page_gone")}
              action={<Button onClick={search.previous}>{t("table.previous")}</Button>}
            />
          ) : isEmpty ? (
            <EmptyState {...props.empty} />
          ) : isPhone || props.cards ? (
            <Cards {...shared} card={props.card} />
          ) : (
            <Grid
              {...shared}
              density={density}
              sort={search.values.sort}
              onSort={(sort) => search.set({ sort })}
            />
          )}
        </div>
        {!failed &&
          !isEmpty &&
          query.data &&
          (search.page > 1 || next !== null || data.length > PAGE_SIZE / 5) && (
            <Pager
              page={search.page}
              shown={data.length}
              total={total}
              hasNext={goNext !== undefined}
              onNext={() => goNext?.()}
              onPrevious={() => goPrevious?.()}
            />
          )}
      </Card>

      {bulk && selectedIds.length > 0 && (
        <BulkBar count={selectedIds.length} onClear={clear}>
          {bulk({
            ids: selectedIds,
            rows: table.getSelectedRowModel().rows.map((row) => row.original),
            clear,
          })}
        </BulkBar>
      )}
    </div>
  );
}
