import { useState } from "react";
import {
  Area,
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  usePlotArea,
  useXAxisScale,
  XAxis,
  YAxis,
} from "recharts";
import { useFigures } from "./figures";
import { Legend, Swatch } from "./legend";
import { type ChartTone, colorOf, type Unit } from "./series";
import { evenTicks } from "./ticks";
import { useMarks } from "./use-marks";
import { useWidth } from "./use-width";

export type PlotLine = {
  key: string;
  label: string;
  tone: ChartTone;
  unit: Unit;
  shape: "area" | "line" | "bar";
  /** Lies on top of the others of the same stack. */
  stack?: string;
  /** Measured on the axis at the right. */
  right?: boolean;
  dashed?: boolean;
};

export type PlotPoint = { key: string; tick: string; name: string; values: (number | null)[]; note?: string };

export type PlotProps = {
  label: string;
  lines: readonly PlotLine[];
  points: readonly PlotPoint[];
  height?: number;
  onOpen?: (index: number) => void;
};

const AXIS = { tickLine: false, axisLine: false, tick: { fill: "var(--muted)", fontSize: 11 } } as const;

/** Half of the last label, which stands below the last point. */
const SIDE = 22;

/** Lines, areas and columns over time. One mark per point in time, as wide as its share of the chart. */
export default function Plot({ label, lines, points, height = 240, onOpen }: PlotProps) {
  const figures = useFigures();
  const { onKeyDown, mark } = useMarks(points.length);
  const [shown, setShown] = useState<{ index: number; x: number } | null>(null);
  const point = shown ? points[shown.index] : undefined;
  const leftUnit = lines.find((line) => !line.right)?.unit ?? "count";
  const right = lines.find((line) => line.right);
  const { ref, width } = useWidth();
  const ticks = new Map(points.map(({ key, tick }) => [key, tick]));
  const said = ({ values, note }: PlotPoint) =>
    [
      ...lines.map((line, index) => `${line.label} ${figures.full(values[index] ?? null, line.unit)}`),
      ...(note ? [note] : []),
    ].join(", ");
  return (
    <div className="grid gap-2">
      {lines.length > 1 && <Legend items={lines} />}
      {/* biome-ignore lint/a11y/useSemanticElements: a group of marks is no set of fields */}
      <div
        role="group"
        aria-label={label}
        ref={ref}
        className="relative overflow-hidden"
        onKeyDown={onKeyDown}
        onPointerLeave={() => setShown(null)}
        onBlur={() => setShown(null)}
      >
        <ComposedChart
          width={width}
          height={height}
          data={points as PlotPoint[]}
          accessibilityLayer={false}
          margin={{ top: 8, right: right ? 10 : SIDE, bottom: 0, left: 4 }}
        >
          <CartesianGrid vertical={false} stroke="var(--border)" />
          <XAxis
            {...AXIS}
            dataKey="key"
            tickFormatter={(key: string) => ticks.get(key) ?? key}
            ticks={evenTicks([...ticks.keys()], width - 2 * SIDE)}
            interval={0}
            tickMargin={6}
          />
          <YAxis
            {...AXIS}
            width="auto"
            allowDecimals={leftUnit !== "count"}
            tickFormatter={(value: number) => figures.short(value, leftUnit)}
          />
          {right && (
            <YAxis
              {...AXIS}
              yAxisId="right"
              orientation="right"
              width="auto"
              allowDecimals={right.unit !== "count"}
              tickFormatter={(value: number) => figures.short(value, right.unit)}
            />
          )}
          {lines.map((line, index) => {
            const color = colorOf(line.tone);
            const shared = {
              dataKey: ({ values }: PlotPoint) => values[index],
              name: line.label,
              stackId: line.stack,
              yAxisId: line.right ? "right" : 0,
              isAnimationActive: false,
            };
            const stroke = {
              stroke: color,
              strokeWidth: 2,
              strokeDasharray: line.dashed ? "5 4" : undefined,
              dot: points.length === 1 ? { fill: color, r: 3 } : false,
              activeDot: false as const,
            };
            if (line.shape === "bar") return <Bar key={line.key} {...shared} fill={color} maxBarSize={40} />;
            return line.shape === "line" ? (
              <Line key={line.key} {...shared} {...stroke} type="linear" />
            ) : (
              <Area key={line.key} {...shared} {...stroke} type="linear" fill={color} fillOpacity={0.16} />
            );
          })}
          <Marks points={points} said={said} mark={mark} onOpen={onOpen} shown={shown} onShow={setShown} />
        </ComposedChart>
        {shown && point && (
          <div
            aria-hidden
            className="tabular pointer-events-none absolute top-1 z-10 w-max max-w-60 rounded-md border bg-surface px-2.5 py-1.5 text-xs shadow-md"
            style={{
              left: shown.x,
              transform:
                shown.index * 2 > points.length ? "translateX(calc(-100% - 10px))" : "translateX(10px)",
            }}
          >
            <p className="font-medium">{point.name}</p>
            {lines.map((line, index) => (
              <p key={line.key} className="flex items-center gap-1.5">
                <Swatch tone={line.tone} dashed={line.dashed} />
                <span className="flex-1 text-muted">{line.label}</span>
                <span>{figures.full(point.values[index] ?? null, line.unit)}</span>
              </p>
            ))}
            {point.note && <p className="text-muted">{point.note}</p>}
          </div>
        )}
      </div>
    </div>
  );
}

function Marks({
  points,
  said,
  mark,
  onOpen,
  shown,
  onShow,
}: {
  points: readonly PlotPoint[];
  said: (point: PlotPoint) => string;
  mark: ReturnType<typeof useMarks>["mark"];
  onOpen?: (index: number) => void;
  shown: { index: number; x: number } | null;
  onShow: (shown: { index: number; x: number }) => void;
}) {
  const scale = useXAxisScale();
  const area = usePlotArea();
  if (!scale || !area) return null;
  const centers = points.map(({ key }) => scale(key, { position: "middle" }) ?? area.x);
  const half = centers.length > 1 ? ((centers[1] ?? 0) - (centers[0] ?? 0)) / 2 : area.width / 2;
  return (
    <g>
      {shown && (
        <line
          x1={shown.x}
          x2={shown.x}
          y1={area.y}
          y2={area.y + area.height}
          stroke="var(--border-strong)"
          strokeDasharray="3 3"
        />
      )}
      {points.map((point, index) => {
        const center = centers[index] ?? area.x;
        const left = Math.max(area.x, center - half);
        const show = () => onShow({ index, x: center });
        const { onFocus, ...stop } = mark(index);
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: its role is that of a button, or of a picture
          <rect
            key={point.key}
            {...stop}
            role={onOpen ? "button" : "img"}
            aria-label={`${point.name}: ${said(point)}`}
            x={left}
            y={area.y}
            width={Math.max(1, Math.min(area.x + area.width, center + half) - left)}
            height={area.height}
            fill="transparent"
            className={
              onOpen ? "cursor-pointer focus-visible:fill-accent/10" : "focus-visible:fill-accent/10"
            }
            onPointerEnter={show}
            onFocus={() => {
              onFocus();
              show();
            }}
            onClick={onOpen && (() => onOpen(index))}
            onKeyDown={(event) => {
              if (!onOpen || (event.key !== "Enter" && event.key !== " ")) return;
              event.preventDefault();
              onOpen(index);
            }}
          />
        );
      })}
    </g>
  );
}
