import type { ReactNode } from "react";
import { Card } from "@/components/ui/surface";
import { cn } from "@/lib/cn";

export type FigureColumn<T> = {
  key: string;
  label: ReactNode;
  cell: (row: T) => ReactNode;
  /** Left out on a phone. */
  wide?: boolean;
};

/** A few rows of figures below one name each; nothing to page, to sort or to choose. */
export function FigureTable<T>({
  title,
  first,
  name,
  columns,
  rows,
  rowKey,
  rowClassName,
  totals,
}: {
  title: string;
  /** Heading of the names. */
  first: ReactNode;
  name: (row: T) => ReactNode;
  columns: readonly FigureColumn<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  rowClassName?: (row: T) => string | undefined;
  totals?: ReactNode;
}) {
  return (
    <Card className="overflow-hidden">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <section className="overflow-x-auto" aria-label={title} tabIndex={0}>
        <table className="w-full text-sm" aria-label={title}>
          <thead>
            <tr className="border-b text-muted text-xs">
              <th scope="col" className="px-3 py-2 text-left font-medium">
                {first}
              </th>
              {columns.map(({ key, label, wide }) => (
                <th
                  key={key}
                  scope="col"
                  className={cn("px-2 py-2 text-right font-medium last:pr-3", wide && "max-sm:hidden")}
                >
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y">
            {rows.map((row) => (
              <tr key={rowKey(row)} className={rowClassName?.(row)}>
                <th scope="row" className="px-3 py-2 text-left font-normal">
                  {name(row)}
                </th>
                {columns.map(({ key, cell, wide }) => (
                  <td
                    key={key}
                    className={cn(
                      "tabular whitespace-nowrap px-2 py-2 text-right last:pr-3",
                      wide && "max-sm:hidden",
                    )}
                  >
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          {totals && <tfoot className="border-t font-medium">{totals}</tfoot>}
        </table>
      </section>
    </Card>
  );
}

/** How much one figure is of the largest; for the eye only, the figure stands beside it. */
export function ShareBar({ value, most, className }: { value: number; most: number; className?: string }) {
  return (
    <span className="mt-1 block h-1 overflow-hidden rounded-full bg-surface-2" aria-hidden>
      <span
        className={cn("block h-full rounded-full bg-accent", className)}
        style={{ width: `${most > 0 ? Math.min(100, (value / most) * 100) : 0}%` }}
      />
    </span>
  );
}
