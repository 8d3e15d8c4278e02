import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { CalendarClock, Play } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { columnHelper, DataTable } from "@/components/data-table";
import { toast } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { useTableSearch } from "@/lib/table-search";
import { jobsOptions, useRunJob } from "./api";
import { JobCard } from "./job-card";
import { JobSheet } from "./job-sheet";
import { JobBadges } from "./run-state";
import { ScheduleSheet } from "./schedule-sheet";
import type { JobsSearch } from "./search";
import type { Job } from "./types";
import { useJobWords } from "./words";

/** What the desk does by the clock: when next, how it went, and how to change that (spec 3.6). */
export function JobsPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useJobWords();
  const search = useTableSearch<JobsSearch>();
  const query = useQuery(jobsOptions);
  const run = useRunJob();
  const columns = useMemo(() => jobColumns(t, format, words), [t, format, words]);
  const opened = query.data?.items.find((job) => job.key === search.values.open);
  const startFromList = ({ key }: Job) =>
    run.mutate(key, { onSuccess: () => toast.success(t("jobs.started", { name: words.title(key) })) });

  return (
    <>
      <PageHeader
        title={t("jobs.title")}
        description={t("jobs.description", { zone: format.zone })}
        back={{ to: "/admin/settings", label: t("settings.title") }}
      />
      <DataTable
        id="jobs"
        label={t("jobs.title")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(job) => job.key}
        empty={{ icon: CalendarClock, title: t("jobs.empty"), description: t("jobs.empty_hint") }}
        card={(job) => <JobCard job={job} />}
        onOpen={(job) => search.setOpen(job.key)}
        isOpen={(job) => job.key === search.values.open}
        rowActions={(job) => (
          <Button
            size="sm"
            aria-label={t("jobs.run_named", { name: words.title(job.key) })}
            disabled={job.open_run?.state === "running"}
            busy={run.isPending && run.variables === job.key}
            onClick={() => startFromList(job)}
          >
            <Play aria-hidden />
            {t("jobs.run_now")}
          </Button>
        )}
      />
      {opened &&
        (search.values.panel === "schedule" ? (
          <ScheduleSheet job={opened} onClose={() => search.setPanel(undefined)} />
        ) : (
          <JobSheet
            job={opened}
            onClose={() => search.setOpen(undefined)}
            onEdit={() => search.setPanel("schedule")}
            onRun={() => run.mutate(opened.key)}
            busy={run.isPending}
          />
        ))}
    </>
  );
}

function jobColumns(
  t: TFunction,
  format: ReturnType<typeof useFormat>,
  words: ReturnType<typeof useJobWords>,
) {
  const column = columnHelper<Job>();
  const moment = (iso: string) => (
    <time dateTime={iso} title={format.dateTime(iso)} className="whitespace-nowrap">
      {format.relative(iso)}
    </time>
  );
  return [
    column("name", {
      label: t("jobs.job"),
      card: "title",
      hideable: false,
      className: "min-w-48",
      cell: (job) => <span className="font-medium">{words.title(job.key)}</span>,
    }),
    column("schedule", {
      label: t("jobs.schedule"),
      cell: (job) => <span className="whitespace-nowrap">{words.schedule(job.schedule)}</span>,
    }),
    column("next", {
      label: t("jobs.next"),
      cell: (job) => (job.next_due ? moment(job.next_due) : <span className="text-muted">–</span>),
    }),
    column("state", { label: t("jobs.state_label"), cell: (job) => <JobBadges job={job} /> }),
    column("last", {
      label: t("jobs.last"),
      cell: (job) =>
        job.last_run ? (
          moment(job.last_run.started_at ?? job.last_run.due_at)
        ) : (
          <span className="text-muted">–</span>
        ),
    }),
    column("duration", {
      label: t("jobs.duration"),
      align: "end",
      cell: (job) => (job.last_run?.duration_ms == null ? "–" : words.duration(job.last_run.duration_ms)),
    }),
    column("result", {
      label: t("jobs.result"),
      className: "min-w-44",
      cell: (job) => {
        const { open_run, last_run } = job;
        const error = open_run?.error ?? last_run?.error;
        if (error) return <span className="text-danger">{words.error(error)}</span>;
        return words.result(last_run?.result) || <span className="text-muted">–</span>;
      },
    }),
  ];
}
