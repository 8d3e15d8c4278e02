import type { ReactTable, Row, RowData } from "@tanstack/react-table";
import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import type { KeyboardEvent, MouseEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Checkbox } from "@/components/ui/checkbox";
import { Skeleton } from "@/components/ui/surface";
import { cn } from "@/lib/cn";
import type { ColumnMeta, Features } from "./columns";
import type { Density } from "./toolbar";

// biome-ignore lint/suspicious/noExplicitAny: the table's state selection is of no interest here
export type TableInstance<T extends RowData> = ReactTable<Features, T, any>;

/** A click that was meant for something inside the row, not for the row; or for a menu of it, which stands elsewhere. */
export function isOnControl(event: MouseEvent<HTMLElement>): boolean {
  const target = event.target as HTMLElement;
  if (!event.currentTarget.contains(target)) return true;
  const control = target.closest("a, button, input, select, textarea, label, [role=checkbox]");
  return control !== null && event.currentTarget.contains(control) && control !== event.currentTarget;
}

function SortableHeader({
  meta,
  sort,
  onSort,
}: {
  meta: ColumnMeta;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
}) {
  const field = meta.sort;
  if (!field) return meta.label;
  const direction = sort === field ? "asc" : sort === `-${field}` ? "desc" : null;
  const Icon = direction === "asc" ? ArrowUp : direction === "desc" ? ArrowDown : ChevronsUpDown;
  return (
    <button
      type="button"
      onClick={() => onSort(direction === null ? field : direction === "asc" ? `-${field}` : undefined)}
      className={cn(
        "-mx-1 inline-flex items-center gap-1 rounded px-1 hover:text-foreground",
        direction && "text-foreground",
      )}
    >
      {meta.label}
      <Icon className="size-3.5 shrink-0" aria-hidden />
    </button>
  );
}

export function Grid<T extends RowData>({
  table,
  label,
  density,
  sort,
  onSort,
  selectable,
  loading,
  active,
  isOpen,
  onOpen,
  onRowFocus,
  onKeyDown,
  rowActions,
  rowClassName,
}: {
  table: TableInstance<T>;
  label: string;
  density: Density;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  selectable: boolean;
  loading: boolean;
  active: number;
  isOpen?: (row: T) => boolean;
  onOpen?: (row: T) => void;
  onRowFocus: (index: number) => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  rowActions?: (row: T) => ReactNode;
  rowClassName?: (row: T) => string | undefined;
}) {
  const { t } = useTranslation();
  const columns = table.getVisibleLeafColumns();
  const pad = density === "compact" ? "py-1.5" : "py-2.5";
  const rows = table.getRowModel().rows;

  function renderRow(row: Row<Features, T>, index: number) {
    const selected = row.getIsSelected();
    return (
      <tr
        key={row.id}
        data-row-index={index}
        data-testid="row"
        tabIndex={index === active ? 0 : -1}
        aria-selected={selectable ? selected : undefined}
        onFocus={(event) => event.target === event.currentTarget && onRowFocus(index)}
        onClick={(event) => {
          if (onOpen && !isOnControl(event) && !window.getSelection()?.toString()) onOpen(row.original);
        }}
        className={cn(
          "border-b last:border-b-0 focus-visible:-outline-offset-2",
          onOpen && "cursor-pointer",
          selected || isOpen?.(row.original) ? "bg-accent-soft" : "hover:bg-surface-2",
          rowClassName?.(row.original),
        )}
      >
        {selectable && (
          <td className="w-10 pl-3">
            <Checkbox
              checked={selected}
              disabled={!row.getCanSelect()}
              onCheckedChange={(checked) => row.toggleSelected(checked === true)}
              aria-label={t("table.select_row", { number: index + 1 })}
              tabIndex={-1}
            />
          </td>
        )}
        {row.getVisibleCells().map((cell) => {
          const meta = cell.column.columnDef.meta;
          return (
            <td
              key={cell.id}
              className={cn("px-3 align-middle", pad, meta?.align === "end" && "text-right", meta?.className)}
            >
              <table.FlexRender cell={cell} />
            </td>
          );
        })}
        {rowActions && <td className="w-10 pr-2 text-right">{rowActions(row.original)}</td>}
      </tr>
    );
  }

  return (
    <table className="w-full border-collapse text-sm" aria-label={label} aria-busy={loading}>
      <thead>
        <tr className="border-b text-left text-muted text-xs">
          {selectable && (
            <th scope="col" className="w-10 pl-3">
              <Checkbox
                checked={
                  table.getIsAllRowsSelected()
                    ? true
                    : table.getIsSomeRowsSelected()
                      ? "indeterminate"
                      : false
                }
                onCheckedChange={(checked) => table.toggleAllRowsSelected(checked === true)}
                disabled={rows.length === 0}
                aria-label={t("table.select_page")}
              />
            </th>
          )}
          {columns.map((column) => {
            const meta = column.columnDef.meta;
            const sorted = meta?.sort
              ? sort === meta.sort
                ? "ascending"
                : sort === `-${meta.sort}`
                  ? "descending"
                  : "none"
              : undefined;
            return (
              <th
                key={column.id}
                scope="col"
                aria-sort={sorted}
                className={cn(
                  "whitespace-nowrap px-3 py-2 font-medium",
                  meta?.align === "end" && "text-right",
                  meta?.className,
                )}
              >
                {meta && <SortableHeader meta={meta} sort={sort} onSort={onSort} />}
              </th>
            );
          })}
          {rowActions && (
            <th scope="col" className="w-10">
              <span className="sr-only">{t("table.actions")}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody onKeyDown={onKeyDown}>
        {loading
          ? Array.from({ length: 8 }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
              <tr key={index} className="border-b last:border-b-0" data-testid="skeleton-row">
                {selectable && <td className="w-10" />}
                {columns.map((column, at) => (
                  <td key={column.id} className={cn("px-3", pad, column.columnDef.meta?.className)}>
                    <Skeleton className={cn("h-4", at === 0 ? "w-40 max-w-full" : "w-20 max-w-full")} />
                  </td>
                ))}
                {rowActions && <td />}
              </tr>
            ))
          : rows.map(renderRow)}
      </tbody>
    </table>
  );
}
