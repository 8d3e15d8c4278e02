import { useFormat } from "@/api/server-time";
import { JobBadges } from "./run-state";
import type { Job } from "./types";
import { useJobWords } from "./words";

/** One job at phone size. */
export function JobCard({ job }: { job: Job }) {
  const format = useFormat();
  const words = useJobWords();
  const { last_run, open_run } = job;
  const error = open_run?.error ?? last_run?.error;
  const result = words.result(last_run?.result);
  return (
    <div className="grid gap-1 text-sm">
      <p className="break-words font-medium">{words.title(job.key)}</p>
      <p className="text-muted">
        {[words.schedule(job.schedule), job.next_due && format.relative(job.next_due)]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <JobBadges job={job} />
        {last_run && (
          <span className="text-muted text-xs">
            {format.relative(last_run.started_at ?? last_run.due_at)}
          </span>
        )}
      </div>
      {error ? (
        <p className="break-words text-danger text-xs">{words.error(error)}</p>
      ) : (
        result && <p className="break-words text-muted text-xs">{result}</p>
      )}
    </div>
  );
}
