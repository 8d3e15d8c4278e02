/** What is drawn: rows, and series that each take one figure from a row. */

export type Unit = "count" | "money" | "percent" | "hours" | "days";

/** NDP and RDP have one pair of colours everywhere (spec 6.4); `before` is the period it is compared with. */
export type ChartTone = "ndp" | "rdp" | "before" | "other" | 1 | 2 | 3 | 4 | 5 | 6 | 7;

export type Series<R> = {
  key: string;
  label: string;
  tone: ChartTone;
  unit: Unit;
  value: (row: R) => number | null;
  /** A bar that opens nothing although the others do. */
  closed?: boolean;
};

export const MOST_SERIES = 7;

const NAMED: Record<string, string> = {
  ndp: "var(--accent)",
  rdp: "var(--success)",
  before: "var(--series-other)",
  other: "var(--series-other)",
};

export const colorOf = (tone: ChartTone): string => NAMED[tone] ?? `var(--series-${tone})`;

/** The tone of the n-th thing that has no colour of its own. */
export const toneAt = (index: number): ChartTone =>
  index < MOST_SERIES ? ((index + 1) as ChartTone) : "other";

/** The largest seven and the rest taken together, so that no chart has more colours than can be told apart. */
export function largestSeven<R>(
  rows: readonly R[],
  value: (row: R) => number,
): { largest: R[]; rest: R[]; restTotal: number } {
  const sorted = [...rows].sort((a, b) => value(b) - value(a));
  const rest = sorted.slice(MOST_SERIES);
  return {
    largest: sorted.slice(0, MOST_SERIES),
    rest,
    restTotal: rest.reduce((sum, row) => sum + value(row), 0),
  };
}
