import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { useFigures } from "./figures";
import type { Unit } from "./series";
import { useMarks } from "./use-marks";

export type HeatChartProps<R> = {
  label: string;
  /** Heading of the names. */
  first: string;
  rows: readonly R[];
  rowKey: (row: R) => string;
  name: (row: R) => string;
  columns: readonly { key: string; label: string; value: (row: R) => number | null }[];
  unit: Unit;
  /** What the darkest cell stands for; without it the largest value. */
  most?: number;
  /** More about a cell for its label, after its figure. */
  detail?: (row: R, column: number) => string;
  /** What it was in the period before: an arrow says whether it is more or less now. */
  before?: (row: R, column: number) => number;
  onOpen?: (row: R, column: number) => void;
};

/** Figures in a grid, the darker the larger; the figure is always written too. */
export function HeatChart<R>(props: HeatChartProps<R>) {
  const { label, first, rows, rowKey, name, columns, unit, onOpen } = props;
  const { t } = useTranslation();
  const figures = useFigures();
  const { onKeyDown, mark } = useMarks(rows.length * columns.length, columns.length);
  const most =
    props.most ?? Math.max(0, ...rows.flatMap((row) => columns.map(({ value }) => value(row) ?? 0)));
  return (
    <div className="max-h-[28rem] overflow-auto">
      <table
        className="w-full border-separate border-spacing-0.5 text-xs"
        aria-label={label}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr>
            <th scope="col" className="sticky left-0 bg-surface px-1 text-left font-medium text-muted">
              <span className="sr-only">{first}</span>
            </th>
            {columns.map((column) => (
              <th key={column.key} scope="col" className="px-1 py-1 text-center font-medium text-muted">
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            <tr key={rowKey(row)}>
              <th
                scope="row"
                className="sticky left-0 min-w-20 max-w-32 break-words bg-surface px-1 text-left font-normal"
              >
                {name(row)}
              </th>
              {columns.map((column, place) => {
                const value = column.value(row);
                const strength = value === null || most <= 0 ? 0 : Math.min(1, value / most);
                const was = props.before?.(row, place);
                const said = [
                  `${name(row)}, ${column.label}: ${figures.full(value, unit)}`,
                  ...(props.detail ? [props.detail(row, place)] : []),
                  ...(was === undefined ? [] : [t("charts.was", { value: figures.full(was, unit) })]),
                ].join(", ");
                const text = (
                  <>
                    {figures.short(value, unit)}
                    {was !== undefined && was !== (value ?? 0) && (
                      <span aria-hidden className="ml-0.5 text-muted">
                        {(value ?? 0) > was ? "↑" : "↓"}
                      </span>
                    )}
                  </>
                );
                const shared = {
                  ...mark(line * columns.length + place),
                  "aria-label": said,
                  title: said,
                  style: {
                    background: `color-mix(in srgb, var(--accent) ${Math.round(strength * 50)}%, var(--surface-2))`,
                  },
                };
                const styles =
                  "tabular flex h-8 w-full min-w-9 items-center justify-center whitespace-nowrap rounded px-1 focus-visible:outline-offset-0";
                return (
                  <td key={column.key} className="p-0">
                    {onOpen && value !== null ? (
                      <button
                        type="button"
                        {...shared}
                        onClick={() => onOpen(row, place)}
                        className={cn(styles, "hover:ring-2 hover:ring-accent")}
                      >
                        {text}
                      </button>
                    ) : (
                      <div role="img" {...shared} className={styles}>
                        {text}
                      </div>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
