import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { PhoneCell } from "@/components/data-table";
import { EmptyState, EntitySheet, ErrorState } from "@/components/feedback";
import { Skeleton } from "@/components/ui/surface";
import { useCodeText } from "@/lib/code-text";
import { useWhy } from "@/lib/reason-name";
import { historyOptions } from "./api";
import { RecordStatusBadge } from "./record-status";
import type { HistoryEntry, PoolRecord } from "./types";
import { VerdictBadge } from "./verdict-badge";

/** Everything about one record: each cell as it stood in the file, and what has happened to it since. */
export function RecordSheet({
  id,
  record,
  onClose,
}: {
  id: string | undefined;
  /** The row, when it is on the page that is shown. */
  record: PoolRecord | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <EntitySheet
      open={id !== undefined}
      onClose={onClose}
      title={record?.customer_id ?? t("pools.record.title")}
      description={record?.display_name ?? undefined}
    >
      <div className="grid gap-6">
        {record ? (
          <RecordFacts record={record} />
        ) : (
          <p className="text-muted text-sm">{t("pools.record.not_on_page")}</p>
        )}
        {id && <RecordHistory id={id} />}
      </div>
    </EntitySheet>
  );
}

function RecordFacts({ record }: { record: PoolRecord }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
        <RecordStatusBadge record={record} />
        <VerdictBadge record={record} />
        {record.assigned_to_name && (
          <span>
            {record.assigned_to_name}
            {record.assigned_at && (
              <span className="text-muted"> · {format.dateTime(record.assigned_at)}</span>
            )}
          </span>
        )}
        {record.reserved_by_name && (
          <span>{t("pools.record.reserved_by", { name: record.reserved_by_name })}</span>
        )}
        <PhoneCell phone={record.phone_e164} />
      </div>
      {record.validation_note && (
        <p className="break-words border-l-2 pl-3 text-muted text-sm">{record.validation_note}</p>
      )}
      <section>
        <h3 className="pb-1 font-medium text-muted text-xs">{t("pools.record.cells")}</h3>
        <dl className="divide-y rounded-md border border-border text-sm">
          {Object.entries(record.row_data).map(([name, value]) => (
            <div key={name} className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] gap-3 px-3 py-1.5">
              <dt className="break-words text-muted">{name}</dt>
              <dd className="whitespace-pre-wrap break-words">
                {value || <span className="text-muted">–</span>}
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}

function RecordHistory({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery(historyOptions(id));
  return (
    <section>
      <h3 className="pb-2 font-medium text-muted text-xs">{t("pools.history.title")}</h3>
      {query.isPending ? (
        <div aria-busy className="grid gap-3">
          <Skeleton className="h-8 w-4/5" />
          <Skeleton className="h-8 w-3/5" />
        </div>
      ) : query.data === undefined ? (
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      ) : query.data.length === 0 ? (
        <EmptyState title={t("pools.history.empty")} />
      ) : (
        <ol className="grid gap-3 border-l pl-4">
          {query.data.map((entry, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: history is only ever added to
            <HistoryLine key={`${entry.at}:${index}`} entry={entry} />
          ))}
        </ol>
      )}
    </section>
  );
}

function HistoryLine({ entry }: { entry: HistoryEntry }) {
  const codeText = useCodeText();
  const format = useFormat();
  const why = useWhy();
  const state = (code: string) => codeText("pools.status", code, code);
  return (
    <li className="relative text-sm before:absolute before:top-1.5 before:-left-[1.3rem] before:size-2.5 before:rounded-full before:border-2 before:border-border-strong before:bg-surface">
      <p>
        <span className="font-medium">{codeText("pools.history.kind", entry.kind, entry.kind)}</span>
        {entry.holder_name && <> · {entry.holder_name}</>}
        <span className="text-muted">
          {" "}
          {entry.from_state ? `${state(entry.from_state)} → ${state(entry.to_state)}` : state(entry.to_state)}
        </span>
      </p>
      {entry.reason && <p className="break-words text-muted">{why(entry.reason)}</p>}
      <p className="text-muted text-xs">
        {format.dateTime(entry.at)} · {entry.actor_name}
      </p>
    </li>
  );
}
