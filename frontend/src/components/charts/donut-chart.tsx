import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Skeleton } from "@/components/ui/surface";
import { cn } from "@/lib/cn";
import { useFigures } from "./figures";
import { Swatch } from "./legend";
import type { ChartTone, Unit } from "./series";
import { useMarks } from "./use-marks";

const Ring = lazy(() => import("./ring"));

export type DonutPart = {
  key: string;
  name: string;
  value: number;
  tone: ChartTone;
  onOpen?: () => void /** In the period before. */;
  before?: number;
};

/** Parts of a whole: a ring for the eye, and beside it the list that names, measures and opens each part. */
export function DonutChart({
  label,
  parts,
  unit,
  whole,
}: {
  label: string;
  parts: readonly DonutPart[];
  unit: Unit;
  /** Names the figure in the middle. */
  whole: string;
}) {
  const { t } = useTranslation();
  const figures = useFigures();
  const format = useFormat();
  const [lit, setLit] = useState<number | null>(null);
  const { onKeyDown, mark } = useMarks(parts.length);
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  return (
    <div className="flex flex-wrap items-center justify-center gap-x-6 gap-y-3">
      <div className="relative size-[176px] shrink-0">
        <Suspense fallback={<Skeleton className="size-full rounded-full" />}>
          <Ring parts={parts} lit={lit} />
        </Suspense>
        <p className="pointer-events-none absolute inset-0 grid place-content-center text-center">
          <span className="tabular font-semibold text-lg" title={figures.full(total, unit)}>
            {figures.short(total, unit)}
          </span>
          <span className="text-muted text-xs">{whole}</span>
        </p>
      </div>
      <ul
        aria-label={label}
        onKeyDown={onKeyDown}
        onPointerLeave={() => setLit(null)}
        onBlur={() => setLit(null)}
        className="min-w-52 flex-1"
      >
        {parts.map(({ key, name, value, tone, onOpen, before }, index) => {
          const share = total > 0 ? `${format.number(Math.round((value / total) * 1000) / 10)}%` : "–";
          const was = before !== undefined && t("charts.was", { value: figures.full(before, unit) });
          const { onFocus, ...stop } = mark(index);
          const shared = {
            ...stop,
            "aria-label": `${name}: ${figures.full(value, unit)}, ${share}${was ? `, ${was}` : ""}`,
            onFocus: () => {
              onFocus();
              setLit(index);
            },
            onPointerEnter: () => setLit(index),
            className: cn(
              "flex w-full items-center gap-2 rounded-md px-1.5 py-1.5 text-left text-sm",
              onOpen && "hover:bg-surface-2",
            ),
          };
          const body = (
            <>
              <Swatch tone={tone} />
              <span className="min-w-0 flex-1 break-words">
                {name}
                {was && <span className="block text-muted text-xs">{was}</span>}
              </span>
              <span className="tabular whitespace-nowrap" title={figures.full(value, unit)}>
                {figures.short(value, unit)}
              </span>
              <span className="tabular w-14 text-right text-muted">{share}</span>
            </>
          );
          return (
            <li key={key}>
              {onOpen ? (
                <button type="button" {...shared} onClick={onOpen}>
                  {body}
                </button>
              ) : (
                <div role="img" {...shared}>
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
