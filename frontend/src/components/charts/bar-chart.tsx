import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { useFigures } from "./figures";
import { Legend } from "./legend";
import { colorOf, type Series, type Unit } from "./series";
import { useMarks } from "./use-marks";

export type BarChartProps<R> = {
  label: string;
  rows: readonly R[];
  rowKey: (row: R) => string;
  name: (row: R) => string;
  series: readonly Series<R>[];
  /** One bar of segments, which is one mark, instead of bars below each other. */
  stacked?: boolean;
  /** What a full bar stands for; without it the largest value of all. `row`: the largest of each row. */
  most?: number | "row";
  /** Rows that are of different kinds. */
  unitOf?: (row: R) => Unit;
  /** The same row in the period before, drawn as a line across each bar. */
  before?: (row: R) => R | undefined;
  /** Beside the name: a grade, a share. */
  aside?: (row: R) => ReactNode;
  /** `series` is the key of the bar that was pressed. */
  onOpen?: (row: R, series: string) => void;
};

/**
 * Bars that lie, one row of the page per name: names wrap and figures stand in full width whatever the screen, so nothing
 * can overlap. Each bar is a mark of its own.
 */
export function BarChart<R>(props: BarChartProps<R>) {
  const { label, rows, rowKey, name, series, stacked, onOpen } = props;
  const figures = useFigures();
  const bars = stacked ? 1 : series.length;
  const { onKeyDown, mark } = useMarks(rows.length * bars);
  const value = (each: Series<R>, row: R | undefined) => (row === undefined ? 0 : (each.value(row) ?? 0));
  const sum = (row: R | undefined) => series.reduce((total, each) => total + value(each, row), 0);
  const largest = (row: R | undefined) =>
    stacked ? sum(row) : Math.max(0, ...series.map((each) => value(each, row)));
  const mostOf = (some: readonly R[]) =>
    Math.max(0, ...some.flatMap((row) => [largest(row), largest(props.before?.(row))]));
  const most = typeof props.most === "number" ? props.most : mostOf(rows);

  return (
    <div className="grid gap-2">
      {series.length > 1 && <Legend items={series} />}
      <ul
        aria-label={label}
        onKeyDown={onKeyDown}
        className="-mx-1 grid max-h-[44rem] gap-2.5 overflow-y-auto px-1 py-1"
      >
        {rows.map((row, line) => {
          const past = props.before?.(row);
          const full = props.most === "row" ? mostOf([row]) : most;
          const share = (amount: number) => `${full > 0 ? Math.min(100, (amount / full) * 100) : 0}%`;
          const unit = (each: Series<R> | undefined) => props.unitOf?.(row) ?? each?.unit ?? "count";
          const said = (each: Series<R>) => figures.full(each.value(row), unit(each));
          const first = series[0];
          return (
            <li key={rowKey(row)}>
              <span className="flex items-baseline justify-between gap-2 px-1 text-sm">
                <span className="min-w-0 break-words">{name(row)}</span>
                {props.aside && <span className="shrink-0">{props.aside(row)}</span>}
              </span>
              {stacked && first ? (
                <Bar
                  mark={mark(line)}
                  label={`${name(row)}: ${series.map((each) => `${each.label} ${said(each)}`).join(", ")}`}
                  text={figures.short(sum(row), unit(first))}
                  before={past && share(sum(past))}
                  onOpen={onOpen && (() => onOpen(row, first.key))}
                >
                  {series.map((each) => (
                    <Fill key={each.key} width={share(value(each, row))} color={colorOf(each.tone)} />
                  ))}
                </Bar>
              ) : (
                series.map((each, place) => (
                  <Bar
                    key={each.key}
                    mark={mark(line * bars + place)}
                    label={`${name(row)}, ${each.label}: ${said(each)}`}
                    text={figures.short(each.value(row), unit(each))}
                    before={past && share(value(each, past))}
                    onOpen={onOpen && !each.closed ? () => onOpen(row, each.key) : undefined}
                  >
                    <Fill width={share(value(each, row))} color={colorOf(each.tone)} />
                  </Bar>
                ))
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

const line = "flex h-5 w-full items-center gap-2 rounded px-1 pointer-coarse:h-7";

function Bar({
  mark,
  label,
  text,
  before,
  onOpen,
  children,
}: {
  mark: ReturnType<ReturnType<typeof useMarks>["mark"]>;
  label: string;
  text: string;
  before?: string;
  onOpen?: () => void;
  children: ReactNode;
}) {
  const body = (
    <>
      <span className="relative flex h-2.5 min-w-0 flex-1 rounded-sm bg-surface-2 dark:bg-border/60">
        {children}
        {before && (
          <span
            aria-hidden
            className="-inset-y-0.5 absolute w-0.5 bg-foreground"
            style={{ left: `min(${before}, 100% - 2px)` }}
          />
        )}
      </span>
      <span className="tabular min-w-14 shrink-0 whitespace-nowrap text-right text-xs">{text}</span>
    </>
  );
  const shared = { ...mark, "aria-label": label, title: label };
  return onOpen ? (
    <button type="button" {...shared} onClick={onOpen} className={cn(line, "hover:bg-surface-2")}>
      {body}
    </button>
  ) : (
    <div role="img" {...shared} className={line}>
      {body}
    </div>
  );
}

const Fill = ({ width, color }: { width: string; color: string }) => (
  <span className="block h-full first:rounded-l-sm last:rounded-r-sm" style={{ width, background: color }} />
);
