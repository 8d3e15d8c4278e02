import type { RowData } from "@tanstack/react-table";
import type { KeyboardEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Checkbox } from "@/components/ui/checkbox";
import { Skeleton } from "@/components/ui/surface";
import { cn } from "@/lib/cn";
import { isOnControl, type TableInstance } from "./grid";

/** The same rows on a phone: one card each, made from the columns unless the page gives its own `card`. */
export function Cards<T extends RowData>({
  table,
  label,
  selectable,
  loading,
  active,
  card,
  isOpen,
  onOpen,
  onRowFocus,
  onKeyDown,
  rowActions,
  rowClassName,
}: {
  table: TableInstance<T>;
  label: string;
  selectable: boolean;
  loading: boolean;
  active: number;
  card?: (row: T) => ReactNode;
  isOpen?: (row: T) => boolean;
  onOpen?: (row: T) => void;
  onRowFocus: (index: number) => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  rowActions?: (row: T) => ReactNode;
  rowClassName?: (row: T) => string | undefined;
}) {
  const { t } = useTranslation();
  if (loading) {
    return (
      <div aria-busy className="divide-y">
        {Array.from({ length: 5 }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
          <div key={index} className="grid gap-2 p-3" data-testid="skeleton-row">
            <Skeleton className="h-4 w-44" />
            <Skeleton className="h-3 w-28" />
          </div>
        ))}
      </div>
    );
  }
  return (
    <ul aria-label={label} className="divide-y" onKeyDown={onKeyDown}>
      {table.getRowModel().rows.map((row, index) => {
        const cells = row.getVisibleCells();
        const title = cells.filter((cell) => cell.column.columnDef.meta?.card === "title");
        const details = cells.filter((cell) => (cell.column.columnDef.meta?.card ?? "detail") === "detail");
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: Enter is handled on the list
          <li
            key={row.id}
            data-row-index={index}
            data-testid="row"
            tabIndex={index === active ? 0 : -1}
            onFocus={(event) => event.target === event.currentTarget && onRowFocus(index)}
            onClick={(event) => {
              if (onOpen && !isOnControl(event)) onOpen(row.original);
            }}
            className={cn(
              "flex gap-3 p-3 focus-visible:-outline-offset-2",
              (row.getIsSelected() || isOpen?.(row.original)) && "bg-accent-soft",
              rowClassName?.(row.original),
            )}
          >
            {selectable && (
              <Checkbox
                className="mt-0.5 size-5"
                checked={row.getIsSelected()}
                disabled={!row.getCanSelect()}
                onCheckedChange={(checked) => row.toggleSelected(checked === true)}
                aria-label={t("table.select_row", { number: index + 1 })}
              />
            )}
            <div className="min-w-0 flex-1">
              {card ? (
                card(row.original)
              ) : (
                <>
                  <div className="flex flex-wrap items-center gap-x-2 font-medium">
                    {title.map((cell) => (
                      <div key={cell.id} className="min-w-0">
                        <table.FlexRender cell={cell} />
                      </div>
                    ))}
                  </div>
                  <dl className="mt-1.5 grid grid-cols-2 gap-x-3 gap-y-1.5 text-sm">
                    {details.map((cell) => (
                      <div key={cell.id} className="min-w-0">
                        <dt className="text-muted text-xs">{cell.column.columnDef.meta?.label}</dt>
                        <dd className="min-w-0 break-words">
                          <table.FlexRender cell={cell} />
                        </dd>
                      </div>
                    ))}
                  </dl>
                </>
              )}
            </div>
            {rowActions && <div>{rowActions(row.original)}</div>}
          </li>
        );
      })}
    </ul>
  );
}
