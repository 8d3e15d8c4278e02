import { useQuery } from "@tanstack/react-query";
import { CircleCheck, RefreshCw, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, ErrorState, ProgressBar, StatusBadge, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/surface";
import { recalculationOptions, useRecalculate } from "./api";
import type { Recalculation } from "./types";

const LOOK_MS = 1_000;

/** Rebuilds classes and figures from the ledger, and says how much differed: nothing, unless data was damaged (4.1). */
export function Recalculate() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [asking, setAsking] = useState(false);
  const recalculate = useRecalculate();
  const query = useQuery({
    ...recalculationOptions,
    refetchInterval: ({ state }) => (recalculate.isPending || state.data?.running ? LOOK_MS : false),
  });
  const run = query.data;
  if (!run) {
    if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
    return (
      <div aria-busy>
        <Skeleton className="h-8 w-64" />
      </div>
    );
  }
  const running = recalculate.isPending || run.running;
  return (
    <div className="grid gap-4">
      {running ? (
        <ProgressBar
          label={t("deposits.recalculate.running")}
          done={run.running ? run.keys_done : 0}
          total={run.running ? run.keys_total : null}
        />
      ) : (
        <Report run={run} />
      )}
      <FormError>{recalculate.error ? problemText(recalculate.error) : null}</FormError>
      <div>
        <Button disabled={running} onClick={() => setAsking(true)}>
          <RefreshCw aria-hidden />
          {t("deposits.recalculate.run")}
        </Button>
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("deposits.recalculate.ask")}
        consequence={t("deposits.recalculate.consequence")}
        confirmLabel={t("deposits.recalculate.run")}
        danger={false}
        onConfirm={() => {
          setAsking(false);
          recalculate.mutate();
        }}
      />
    </div>
  );
}

function Report({ run }: { run: Recalculation }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!run.started_at) return <p className="text-muted text-sm">{t("deposits.recalculate.never")}</p>;
  // The server went down in the middle: what it had done is whole, the rest was not looked at.
  if (!run.ended_at) return <p className="text-sm text-warning">{t("deposits.recalculate.broken_off")}</p>;
  const differed = run.updated_count > 0;
  const figures = [
    ["types", run.types_changed],
    ["keys", run.keys_changed],
    ["days", run.days_changed],
  ] as const;
  return (
    <div className="grid gap-2 text-sm" role="status">
      <p className="flex flex-wrap items-center gap-2">
        <StatusBadge
          icon={differed ? TriangleAlert : CircleCheck}
          tone={differed ? "warning" : "success"}
          label={
            differed
              ? t("deposits.recalculate.differed", {
                  count: run.updated_count,
                  formatted: format.number(run.updated_count),
                })
              : t("deposits.recalculate.same")
          }
        />
        <span className="text-muted text-xs">
          {[format.dateTime(run.ended_at), run.started_by_name].filter(Boolean).join(" · ")}
        </span>
      </p>
      {differed && (
        <ul className="list-inside list-disc text-muted">
          {figures.map(([name, count]) => (
            <li key={name}>
              {t(`deposits.recalculate.${name}`, { count, formatted: format.number(count) })}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
