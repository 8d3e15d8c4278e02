import type { Cell } from "./csv";
import { useFigures } from "./figures";
import type { Unit } from "./series";

export type ChartColumn<R> = {
  key: string;
  label: string;
  value: (row: R) => Cell;
  /** How a figure is shown; a column without one is text. */
  unit?: Unit;
  /** Text as it is shown, where that is not what the file says (days, codes). */
  text?: (row: R) => string;
};

/** A chart's figures in full: every row that is drawn, and those that are summed up as "other". */
export function ChartTable<R>({
  label,
  columns,
  rows,
  rowKey,
  onOpen,
}: {
  label: string;
  columns: readonly ChartColumn<R>[];
  rows: readonly R[];
  rowKey: (row: R) => string;
  onOpen?: (row: R) => void;
}) {
  const figures = useFigures();
  const shown = ({ value, unit, text }: ChartColumn<R>, row: R) => {
    if (text) return text(row);
    const cell = value(row);
    return typeof cell === "number" && unit ? figures.full(cell, unit) : (cell ?? "–");
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section aria-label={label} tabIndex={0} className="max-h-96 overflow-auto rounded-md border">
      <table className="w-full text-sm" aria-label={label}>
        <thead className="sticky top-0 bg-surface">
          <tr className="border-b text-muted text-xs">
            {columns.map(({ key, label: heading }, index) => (
              <th
                key={key}
                scope="col"
                className={`px-2.5 py-1.5 font-medium ${index === 0 ? "text-left" : "text-right"}`}
              >
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y">
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.key} scope="row" className="min-w-24 px-2.5 py-1.5 text-left font-normal">
                    {onOpen ? (
                      <button
                        type="button"
                        onClick={() => onOpen(row)}
                        className="text-left text-accent-text hover:underline"
                      >
                        {shown(column, row)}
                      </button>
                    ) : (
                      shown(column, row)
                    )}
                  </th>
                ) : (
                  <td key={column.key} className="tabular whitespace-nowrap px-2.5 py-1.5 text-right">
                    {shown(column, row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
