import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { LogList } from "@/components/feedback";
import { runsOptions } from "./api";
import { RunBadge } from "./run-state";
import type { RunDetail } from "./types";
import { useJobWords } from "./words";

/** Every run of a job, the newest first, with its attempts where there was more than one. */
export function RunHistory({ jobKey }: { jobKey: string }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(runsOptions(jobKey));
  return (
    <LogList label={t("jobs.history")} none={t("jobs.never_ran")} older={t("jobs.older")} query={query}>
      {(run) => <RunRow key={run.id} run={run} />}
    </LogList>
  );
}

function RunRow({ run }: { run: RunDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useJobWords();
  const facts = [
    t(`jobs.kind.${run.kind}`),
    run.asked_by_name,
    run.duration_ms != null && words.duration(run.duration_ms),
  ];
  const troubled = run.attempts.some(({ state }) => state !== "succeeded" && state !== "running");
  return (
    <li className="grid gap-1 px-3 py-2 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <time dateTime={run.due_at} className="tabular font-medium">
          {format.dateTime(run.due_at)}
        </time>
        <RunBadge run={run} />
      </div>
      <p className="text-muted text-xs">{facts.filter(Boolean).join(" · ")}</p>
      {run.error && <p className="text-danger">{words.error(run.error)}</p>}
      {run.result && <p className="break-words">{words.result(run.result)}</p>}
      {run.next_try_at && run.attempt_count > 0 && (
        <p className="text-muted text-xs">{t("jobs.next_try", { time: format.time(run.next_try_at) })}</p>
      )}
      {troubled && (
        <ol aria-label={t("jobs.attempts")} className="grid gap-0.5 border-l pl-3 text-muted text-xs">
          {run.attempts.map((attempt) => (
            <li key={attempt.number}>
              {[
                format.time(attempt.started_at),
                t(`jobs.attempt.${attempt.state}`),
                attempt.state === "failed" && attempt.error && words.error(attempt.error),
              ]
                .filter(Boolean)
                .join(" · ")}
            </li>
          ))}
        </ol>
      )}
    </li>
  );
}
