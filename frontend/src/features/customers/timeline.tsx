import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { EmptyState, ErrorState } from "@/components/feedback";
import { Skeleton } from "@/components/ui/surface";
import { useCodeText } from "@/lib/code-text";
import { useWhy } from "@/lib/reason-name";
import { timelineOptions } from "./api";
import { markText } from "./mark-toggles";
import type { TimelineEntry } from "./types";

/** What has happened to one record, oldest first: hand-outs, marks, verdicts and notes, each with who and when. */
export function Timeline({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery(timelineOptions(id));
  return (
    <section>
      <h3 className="pb-2 font-medium text-muted text-xs">{t("customers.timeline.title")}</h3>
      {query.isPending ? (
        <div aria-busy className="grid gap-3">
          <Skeleton className="h-8 w-4/5" />
          <Skeleton className="h-8 w-3/5" />
        </div>
      ) : query.data === undefined ? (
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      ) : query.data.length === 0 ? (
        <EmptyState title={t("customers.timeline.empty")} />
      ) : (
        <TimelineList entries={query.data} />
      )}
    </section>
  );
}

export function TimelineList({
  entries,
  placeOf,
}: {
  entries: readonly TimelineEntry[];
  /** Where it happened, when the entries belong to several records. */
  placeOf?: (recordId: string) => string | undefined;
}) {
  return (
    <ol className="grid gap-3 border-l pl-4">
      {entries.map((entry, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: history is only ever added to
        <TimelineItem key={`${entry.at}:${index}`} entry={entry} place={placeOf?.(entry.record_id)} />
      ))}
    </ol>
  );
}

const FOLLOW_UP = "follow_up";
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MARKS = new Set(["whatsapp_status", "respond_status", "validation"]);

function TimelineItem({ entry, place }: { entry: TimelineEntry; place: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  const why = useWhy();
  const isMark = MARKS.has(entry.kind);
  // A move is said by its name; of a mark, what it was and what it became.
  const change = isMark
    ? [entry.from, entry.to].map((code) => markText(t, entry.kind, code ?? null)).join(" → ")
    : entry.kind === FOLLOW_UP && entry.to
      ? DAY.test(entry.to)
        ? t("customers.timeline.follow_up.until", { day: format.day(entry.to) })
        : codeText("customers.timeline.follow_up", entry.to, entry.to)
      : null;
  const reason = entry.reason && why(entry.reason);
  const detail = [reason, entry.note].filter(Boolean).join(" · ");
  return (
    <li className="relative text-sm before:absolute before:top-1.5 before:-left-[1.3rem] before:size-2.5 before:rounded-full before:border-2 before:border-border-strong before:bg-surface">
      <p>
        <span className="font-medium">
          {isMark || entry.kind === "note" || entry.kind === FOLLOW_UP
            ? codeText("customers.timeline.kind", entry.kind, entry.kind)
            : codeText("pools.history.kind", entry.kind, entry.kind)}
        </span>
        {entry.holder_name && <> · {entry.holder_name}</>}
        {change && <span className="text-muted"> {change}</span>}
      </p>
      {entry.text && <p className="whitespace-pre-wrap break-words">{entry.text}</p>}
      {detail && <p className="break-words text-muted">{detail}</p>}
      <p className="text-muted text-xs">
        {[format.dateTime(entry.at), entry.actor_name, place].filter(Boolean).join(" · ")}
      </p>
    </li>
  );
}
