import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { useFigures } from "./figures";
import { Legend } from "./legend";
import { colorOf, type Series } from "./series";
import { useMarks } from "./use-marks";

export type BarChartProps<R> = {
  label: string;
  rows: readonly R[];
  rowKey: (row: R) => string;
  name: (row: R) => string;
  series: readonly Series<R>[];
  /** One bar of segments instead of bars below each other. */
  stacked?: boolean;
  /** The same row in the period before, drawn as a line across each bar. */
  before?: (row: R) => R | undefined;
  /** Beside the name: a grade, a share. */
  aside?: (row: R) => ReactNode;
  /** The same for those who listen. */
  asideText?: (row: R) => string;
  onOpen?: (row: R) => void;
};

/**
 * Bars that lie, one row of the page per name: names wrap and figures stand in full width whatever the screen, so nothing
 * can overlap. Each row is a mark that says all its figures.
 */
export function BarChart<R>(props: BarChartProps<R>) {
  const { label, rows, rowKey, name, series, stacked, onOpen } = props;
  const figures = useFigures();
  const { onKeyDown, mark } = useMarks(rows.length);
  const value = (each: Series<R>, row: R | undefined) => (row === undefined ? 0 : (each.value(row) ?? 0));
  const size = (row: R | undefined) =>
    stacked
      ? series.reduce((sum, each) => sum + value(each, row), 0)
      : Math.max(0, ...series.map((each) => value(each, row)));
  const most = Math.max(0, ...rows.flatMap((row) => [size(row), size(props.before?.(row))]));
  const share = (amount: number) => `${most > 0 ? (amount / most) * 100 : 0}%`;
  const said = (row: R) =>
    [
      ...series.map((each) => `${each.label} ${figures.full(each.value(row), each.unit)}`),
      ...(props.asideText ? [props.asideText(row)] : []),
    ].join(", ");

  return (
    <div className="grid gap-2">
      {series.length > 1 && <Legend items={series} />}
      <ul aria-label={label} onKeyDown={onKeyDown} className="-mx-1 max-h-96 overflow-y-auto px-1 py-1">
        {rows.map((row, index) => {
          const past = props.before?.(row);
          const body = (
            <>
              <span className="flex items-baseline justify-between gap-2 text-sm">
                <span className="min-w-0 break-words">{name(row)}</span>
                {props.aside?.(row)}
              </span>
              {stacked ? (
                <Bar
                  text={figures.short(size(row), series[0]?.unit ?? "count")}
                  before={past && share(size(past))}
                >
                  {series.map((each) => (
                    <Fill key={each.key} width={share(value(each, row))} color={colorOf(each.tone)} />
                  ))}
                </Bar>
              ) : (
                series.map((each) => (
                  <Bar
                    key={each.key}
                    text={figures.short(each.value(row), each.unit)}
                    before={past && share(value(each, past))}
                  >
                    <Fill width={share(value(each, row))} color={colorOf(each.tone)} />
                  </Bar>
                ))
              )}
            </>
          );
          const styles = "grid w-full gap-0.5 rounded-md px-1.5 py-1.5 text-left";
          return (
            <li key={rowKey(row)}>
              {onOpen ? (
                <button
                  type="button"
                  {...mark(index)}
                  aria-label={`${name(row)}: ${said(row)}`}
                  title={said(row)}
                  onClick={() => onOpen(row)}
                  className={cn(styles, "hover:bg-surface-2")}
                >
                  {body}
                </button>
              ) : (
                <div
                  role="img"
                  {...mark(index)}
                  aria-label={`${name(row)}: ${said(row)}`}
                  title={said(row)}
                  className={styles}
                >
                  {body}
                </div>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Bar({ text, before, children }: { text: string; before?: string; children: ReactNode }) {
  return (
    <span className="flex items-center gap-2">
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
      <span className="tabular w-16 shrink-0 whitespace-nowrap text-right text-xs">{text}</span>
    </span>
  );
}

const Fill = ({ width, color }: { width: string; color: string }) => (
  <span className="block h-full first:rounded-l-sm last:rounded-r-sm" style={{ width, background: color }} />
);
