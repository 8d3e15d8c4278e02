import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";

/** How far a job is, how fast it goes and how long it will take. `total` 0 or null: under way, end unknown. */
export function ProgressBar({
  label,
  done,
  total,
  rate,
  etaSeconds,
}: {
  label: string;
  done: number;
  total: number | null;
  rate?: number | null;
  etaSeconds?: number | null;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const known = total !== null && total > 0;
  const percent = known ? Math.min(100, Math.floor((done / total) * 100)) : null;
  return (
    <div className="grid gap-1.5">
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <span className="font-medium">{label}</span>
        {percent !== null && <span className="tabular text-muted">{percent}%</span>}
      </div>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent ?? undefined}
        className="h-2 overflow-hidden rounded-full bg-surface-2"
      >
        <div
          className={
            percent === null ? "h-full w-1/3 animate-pulse bg-accent" : "h-full bg-accent transition-[width]"
          }
          style={percent === null ? undefined : { width: `${percent}%` }}
        />
      </div>
      <p className="tabular flex flex-wrap gap-x-3 text-muted text-xs">
        <span>
          {known
            ? t("progress.rows_of", { done: format.number(done), total: format.number(total) })
            : t("progress.rows", { done: format.number(done) })}
        </span>
        {rate ? <span>{t("progress.rate", { rate: format.number(Math.round(rate)) })}</span> : null}
        {etaSeconds != null && done > 0 && (
          <span>{t("progress.eta", { time: format.duration(etaSeconds) })}</span>
        )}
      </p>
    </div>
  );
}
