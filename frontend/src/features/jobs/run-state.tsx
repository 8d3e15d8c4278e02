import { CircleCheck, CircleX, Clock, LoaderCircle, Pause } from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/components/feedback";
import type { Job, Run } from "./types";

/** How a run stands: text, icon and colour. */
export function RunBadge({ run }: { run: Run }) {
  const { t } = useTranslation();
  switch (run.state) {
    case "succeeded":
      return <StatusBadge label={t("jobs.state.succeeded")} icon={CircleCheck} tone="success" />;
    case "failed":
      return <StatusBadge label={t("jobs.state.failed")} icon={CircleX} tone="danger" />;
    case "running":
      return <StatusBadge label={t("jobs.state.running")} icon={LoaderCircle} tone="info" />;
    default:
      return run.attempt_count > 0 ? (
        <StatusBadge label={t("jobs.state.retrying")} icon={Clock} tone="warning" />
      ) : (
        <StatusBadge label={t("jobs.state.waiting")} icon={Clock} tone="info" />
      );
  }
}

/** What a job does now: the run that is open, or how the last one ended; and whether it is paused. */
export function JobBadges({ job }: { job: Job }) {
  const { t } = useTranslation();
  const run = job.open_run ?? job.last_run;
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      {run ? <RunBadge run={run} /> : <span className="text-muted">{t("jobs.never_ran")}</span>}
      {job.paused && <StatusBadge label={t("jobs.paused")} icon={Pause} tone="warning" />}
      {job.schedule_error && <StatusBadge label={t("jobs.unreadable")} icon={CircleX} tone="danger" />}
    </span>
  );
}
