import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { CircleCheck, Lock, type LucideIcon, TriangleAlert, UserX } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useProblemText } from "@/components/feedback";
import { Skeleton } from "@/components/ui/surface";
import { cn } from "@/lib/cn";
import { impactOfOptions } from "./api";
import type { Impact } from "./types";

/** What approving a reservation, or moving it to `newStaffId`, would do now. */
export function ImpactOf({ id, newStaffId }: { id: string; newStaffId?: string }) {
  return <ImpactView query={useQuery(impactOfOptions(id, newStaffId))} />;
}

/** What would happen to whose records, before it happens (spec 3.1). */
export function ImpactView({ query }: { query: UseQueryResult<Impact> }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  return (
    <section
      aria-label={t("reservations.impact.title")}
      aria-busy={query.isPending}
      className="grid gap-2 rounded-md border border-border bg-surface-2/50 px-3 py-2.5 text-sm"
    >
      <h3 className="font-medium text-muted text-xs">{t("reservations.impact.title")}</h3>
      {query.data ? (
        <Lines impact={query.data} />
      ) : query.isError ? (
        <p role="alert" className="text-danger">
          {problemText(query.error)}
        </p>
      ) : (
        <Skeleton className="h-5 w-3/5" />
      )}
    </section>
  );
}

function Lines({ impact }: { impact: Impact }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { to_be_reserved, dropped_from_requests, conflicts, taken_by } = impact;
  const counted = (count: number) => ({ count, formatted: format.number(count) });
  const conflicting = conflicts.reduce((sum, holder) => sum + holder.count, 0);
  const quiet = to_be_reserved + dropped_from_requests + conflicting === 0;
  return (
    <ul className="grid gap-1.5">
      {taken_by && (
        <Line icon={UserX} tone="text-danger">
          {t("reservations.taken_by", { name: taken_by })}
        </Line>
      )}
      {quiet && (
        <Line icon={CircleCheck} tone="text-success">
          {impact.records === 0
            ? t("reservations.impact.no_records")
            : t("reservations.impact.nothing", counted(impact.records))}
        </Line>
      )}
      {to_be_reserved > 0 && (
        <Line icon={Lock}>{t("reservations.impact.reserved", counted(to_be_reserved))}</Line>
      )}
      {dropped_from_requests > 0 && (
        <Line icon={TriangleAlert} tone="text-warning">
          {t("reservations.impact.dropped", counted(dropped_from_requests))}
        </Line>
      )}
      {conflicting > 0 && (
        <Line icon={TriangleAlert} tone="text-warning">
          {t("reservations.impact.conflicts", counted(conflicting))}
          <span className="block break-words text-muted text-xs">
            {conflicts.map(({ staff_name, count }) => `${staff_name}: ${format.number(count)}`).join(", ")}
          </span>
        </Line>
      )}
    </ul>
  );
}

function Line({
  icon: Icon,
  tone = "text-muted",
  children,
}: {
  icon: LucideIcon;
  tone?: string;
  children: ReactNode;
}) {
  return (
    <li className="flex items-start gap-2">
      <Icon className={cn("mt-0.5 size-4 shrink-0", tone)} aria-hidden />
      <span className="min-w-0">{children}</span>
    </li>
  );
}
