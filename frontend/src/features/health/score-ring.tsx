import { CircleCheck, type LucideIcon, OctagonAlert, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge, type Tone } from "@/components/feedback";
import { cn } from "@/lib/cn";

const SIZE = 112;
const RADIUS = (SIZE - 12) / 2;
const LENGTH = 2 * Math.PI * RADIUS;

const LOOKS: Record<string, { tone: Tone; icon: LucideIcon; stroke: string }> = {
  healthy: { tone: "success", icon: CircleCheck, stroke: "stroke-success" },
  warning: { tone: "warning", icon: TriangleAlert, stroke: "stroke-warning" },
  critical: { tone: "danger", icon: OctagonAlert, stroke: "stroke-danger" },
};

/** The score of the data as a ring, and as a word. */
export function ScoreRing({ score, status }: { score: number; status: string }) {
  const { t } = useTranslation();
  const { tone, icon, stroke } = LOOKS[status] ?? (LOOKS.critical as (typeof LOOKS)[string]);
  const word =
    status === "healthy"
      ? t("health.status.healthy")
      : status === "warning"
        ? t("health.status.warning")
        : t("health.status.critical");
  return (
    <div className="grid shrink-0 justify-items-center gap-2">
      <div
        role="img"
        aria-label={t("health.score_of", { score })}
        className="relative grid place-content-center"
        style={{ width: SIZE, height: SIZE }}
      >
        <svg width={SIZE} height={SIZE} className="-rotate-90" aria-hidden>
          <circle
            cx={SIZE / 2}
            cy={SIZE / 2}
            r={RADIUS}
            fill="none"
            strokeWidth="9"
            className="stroke-border"
          />
          <circle
            cx={SIZE / 2}
            cy={SIZE / 2}
            r={RADIUS}
            fill="none"
            strokeWidth="9"
            strokeLinecap="round"
            strokeDasharray={LENGTH}
            strokeDashoffset={LENGTH * (1 - score / 100)}
            className={cn(stroke, score === 0 && "stroke-transparent")}
          />
        </svg>
        <span aria-hidden className="tabular absolute inset-0 grid place-content-center text-center">
          <span className="font-semibold text-3xl leading-none tracking-tight">{score}</span>
          <span className="mt-1 text-muted text-xs">/ 100</span>
        </span>
      </div>
      <StatusBadge icon={icon} tone={tone} label={word} />
    </div>
  );
}
