import { Pie, PieChart } from "recharts";
import type { DonutPart } from "./donut-chart";
import { colorOf } from "./series";

const SIZE = 176;

/** The ring itself; its parts are named and opened in the list beside it. */
export default function Ring({ parts, lit }: { parts: readonly DonutPart[]; lit: number | null }) {
  const data = parts.map(({ key, value, tone }, index) => ({
    key,
    value,
    fill: colorOf(tone),
    fillOpacity: lit === null || lit === index ? 1 : 0.35,
  }));
  return (
    <PieChart width={SIZE} height={SIZE} accessibilityLayer={false} aria-hidden>
      <Pie
        data={data}
        dataKey="value"
        nameKey="key"
        innerRadius={58}
        outerRadius={86}
        stroke="var(--surface)"
        strokeWidth={2}
        startAngle={90}
        endAngle={-270}
        isAnimationActive={false}
        rootTabIndex={-1}
      />
    </PieChart>
  );
}
