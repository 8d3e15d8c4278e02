import { CalendarClock, Pause, Play } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, EntitySheet, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { useChangeJob } from "./api";
import { RunHistory } from "./run-history";
import { JobBadges } from "./run-state";
import type { Job } from "./types";
import { useJobWords } from "./words";

/** One job: when it runs, how it went, and what can be done with it. */
export function JobSheet({
  job,
  onClose,
  onEdit,
  onRun,
  busy,
}: {
  job: Job;
  onClose: () => void;
  onEdit: () => void;
  onRun: () => void;
  busy: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useJobWords();
  const change = useChangeJob(true);
  const [confirming, setConfirming] = useState(false);
  const name = words.title(job.key);
  const setPaused = (paused: boolean) =>
    change.mutate(
      { key: job.key, paused, confirmed: paused },
      {
        onSuccess: () => {
          setConfirming(false);
          toast.success(t(paused ? "jobs.paused_toast" : "jobs.resumed_toast", { name }));
        },
      },
    );

  return (
    <EntitySheet
      open
      onClose={onClose}
      title={name}
      description={words.about(job.key)}
      footer={
        <>
          {job.paused ? (
            <Button busy={change.isPending} onClick={() => setPaused(false)}>
              <Play aria-hidden />
              {t("jobs.resume")}
            </Button>
          ) : (
            <Button onClick={() => setConfirming(true)}>
              <Pause aria-hidden />
              {t("jobs.pause")}
            </Button>
          )}
          <Button onClick={onEdit}>
            <CalendarClock aria-hidden />
            {t("jobs.edit")}
          </Button>
          <Button variant="primary" busy={busy} disabled={job.open_run?.state === "running"} onClick={onRun}>
            <Play aria-hidden />
            {t("jobs.run_now")}
          </Button>
        </>
      }
    >
      <div className="grid gap-6">
        <dl className="divide-y rounded-md border border-border text-sm">
          <Fact label={t("jobs.state_label")}>
            <JobBadges job={job} />
          </Fact>
          <Fact label={t("jobs.schedule")}>
            {words.schedule(job.schedule)}
            {job.schedule_error && <span className="block text-danger">{t("jobs.unreadable_hint")}</span>}
          </Fact>
          <Fact label={t("jobs.next")}>{job.next_due ? format.dateTime(job.next_due) : "–"}</Fact>
          {job.changed_at && (
            <Fact label={t("jobs.changed")}>
              {[format.dateTime(job.changed_at), job.changed_by_name].filter(Boolean).join(" · ")}
            </Fact>
          )}
        </dl>
        <RunHistory jobKey={job.key} />
      </div>
      <ConfirmDialog
        open={confirming}
        onOpenChange={(open) => {
          setConfirming(open);
          if (!open) change.reset();
        }}
        title={t("jobs.pause_title", { name })}
        consequence={t(job.essential ? "jobs.pause_essential" : "jobs.pause_consequence")}
        confirmLabel={t("jobs.pause")}
        danger={job.essential}
        busy={change.isPending}
        error={change.error}
        onConfirm={() => setPaused(true)}
      />
    </EntitySheet>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] gap-3 px-3 py-1.5">
      <dt className="text-muted">{label}</dt>
      <dd className="tabular break-words">{children}</dd>
    </div>
  );
}
