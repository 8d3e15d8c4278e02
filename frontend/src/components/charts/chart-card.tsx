import type { UseQueryResult } from "@tanstack/react-query";
import { ChartColumn as ChartIcon, Download, Info, Table2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState, type EmptyStateProps, ErrorState, StaleNote } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { Card, Skeleton } from "@/components/ui/surface";
import { cn } from "@/lib/cn";
import { Boundary } from "./boundary";
import { type ChartColumn, ChartTable } from "./chart-table";
import { saveCsv } from "./csv";

export type ChartCardProps<T, R> = {
  /** Names the file. */
  id: string;
  title: string;
  /** One sentence: what it measures. */
  definition: string;
  query: UseQueryResult<T>;
  /** What the table and the file show, and what the chart is drawn from. */
  rows: (data: T) => readonly R[];
  rowKey: (row: R) => string;
  columns: readonly ChartColumn<R>[];
  empty: EmptyStateProps;
  /** Nothing to draw although there are rows, for example days without anything. */
  isEmpty?: (data: T) => boolean;
  onOpen?: (row: R) => void;
  /** Choices of this chart alone. */
  choices?: ReactNode;
  /** Before and after the card's own buttons: a handle, a menu. */
  handle?: ReactNode;
  menu?: ReactNode;
  className?: string;
  children: (data: T, rows: readonly R[]) => ReactNode;
};

/** One chart with its definition, its figures as table and file, and its own four states: it fails alone. */
export function ChartCard<T, R>(props: ChartCardProps<T, R>) {
  const { id, title, definition, query, columns, rowKey, onOpen } = props;
  const { t } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  const { data } = query;
  const rows = data === undefined ? [] : props.rows(data);
  const isEmpty = data !== undefined && (rows.length === 0 || props.isEmpty?.(data) === true);
  const download = () =>
    saveCsv(id, [
      columns.map(({ label }) => label),
      ...rows.map((row) => columns.map(({ value }) => value(row))),
    ]);

  return (
    <Card aria-label={title} className={cn("flex min-w-0 flex-col", props.className)}>
      <header className="flex items-center gap-1 py-2 pr-2 pl-3">
        {props.handle}
        <h3 className="min-w-0 break-words font-medium text-sm">{title}</h3>
        <Popover>
          <PopoverTrigger asChild>
            <Button variant="ghost" size="icon-sm" aria-label={t("charts.about", { title })}>
              <Info className="text-muted" aria-hidden />
            </Button>
          </PopoverTrigger>
          <PopoverContent className="max-w-80 text-sm">{definition}</PopoverContent>
        </Popover>
        <span className="flex-1" />
        <Button
          variant="ghost"
          size="icon-sm"
          aria-pressed={asTable}
          aria-label={t("charts.as_table", { title })}
          onClick={() => setAsTable(!asTable)}
          disabled={data === undefined || isEmpty}
        >
          {asTable ? <ChartIcon aria-hidden /> : <Table2 aria-hidden />}
        </Button>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("charts.download", { title })}
          onClick={download}
          disabled={data === undefined || isEmpty}
        >
          <Download aria-hidden />
        </Button>
        {props.menu}
      </header>
      <div className="flex min-h-56 flex-1 flex-col px-3 pb-3">
        {query.isError && data !== undefined && (
          <StaleNote error={query.error} onRetry={() => query.refetch()} />
        )}
        {props.choices && <div className="flex flex-wrap gap-2 pb-2">{props.choices}</div>}
        {data !== undefined ? (
          <div className={query.isPlaceholderData ? "opacity-60" : undefined}>
            {isEmpty ? (
              <EmptyState {...props.empty} />
            ) : asTable ? (
              <ChartTable label={title} columns={columns} rows={rows} rowKey={rowKey} onOpen={onOpen} />
            ) : (
              <Boundary fallback={(error, again) => <ErrorState error={error} onRetry={again} />}>
                <Drawn draw={() => props.children(data, rows)} />
              </Boundary>
            )}
          </div>
        ) : query.isError ? (
          <ErrorState error={query.error} onRetry={() => query.refetch()} />
        ) : (
          <div aria-busy className="grid flex-1 gap-3">
            <Skeleton className="h-4 w-40" />
            <Skeleton className="h-44" />
          </div>
        )}
      </div>
    </Card>
  );
}

/** Below the boundary, so that what the drawing itself throws is caught by it too. */
function Drawn({ draw }: { draw: () => ReactNode }) {
  return draw();
}
