import { lazy, Suspense } from "react";
import { useFormat } from "@/api/server-time";
import { Skeleton } from "@/components/ui/surface";
import type { PlotLine } from "./plot";
import type { Series } from "./series";

const Plot = lazy(() => import("./plot"));

export type TimeSeries<R> = Series<R> & {
  /** Other than the chart's own; the amount as an area, the count as a line over it. */
  shape?: PlotLine["shape"];
  right?: boolean;
  dashed?: boolean;
};

export type TimeChartProps<R> = {
  label: string;
  rows: readonly R[];
  /** Its bucket: "2025-03-01" or "2025-03". */
  at: (row: R) => string;
  series: readonly TimeSeries<R>[];
  height?: number;
  /** Said with the figures of a bucket, for example that it is not over yet. */
  note?: (row: R) => string | undefined;
  onOpen?: (row: R) => void;
};

function TimeChart<R>({
  shape,
  stacked,
  ...props
}: TimeChartProps<R> & { shape: PlotLine["shape"]; stacked?: boolean }) {
  const { label, rows, at, series, height = 240, note, onOpen } = props;
  const format = useFormat();
  const points = rows.map((row) => {
    const bucket = at(row);
    return {
      key: bucket,
      tick: format.tick(bucket),
      name: bucket.length === 7 ? format.month(`${bucket}-01`) : format.day(bucket),
      values: series.map((each) => each.value(row)),
      note: note?.(row),
    };
  });
  return (
    <Suspense fallback={<Skeleton className="w-full" style={{ height }} />}>
      <Plot
        label={label}
        height={height}
        points={points}
        lines={series.map(({ value: _, ...each }) => ({
          ...each,
          shape: each.shape ?? shape,
          stack: stacked && !each.right && !each.dashed ? "all" : undefined,
        }))}
        onOpen={
          onOpen &&
          ((index) => {
            const row = rows[index];
            if (row !== undefined) onOpen(row);
          })
        }
      />
    </Suspense>
  );
}

/** Amounts over time, each from the ground or (`stacked`) on top of the other. */
export const AreaChart = <R,>(props: TimeChartProps<R> & { stacked?: boolean }) => (
  <TimeChart shape="area" {...props} />
);

export const LineChart = <R,>(props: TimeChartProps<R>) => <TimeChart shape="line" {...props} />;

/** Columns over time whose parts lie on each other. */
export const StackedBarChart = <R,>(props: TimeChartProps<R>) => <TimeChart shape="bar" stacked {...props} />;
