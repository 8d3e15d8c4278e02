import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowUpRight, ChevronDown, ChevronUp } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { PhoneCell } from "@/components/data-table";
import { EntitySheet, ErrorState } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { RecordStatusBadge } from "@/features/pools";
import { useIsPhone } from "@/lib/use-media";
import { recordOptions } from "./api";
import { actionOf } from "./mark-keys";
import { type Act, MarkToggles } from "./mark-toggles";
import { asMarked } from "./marked";
import { Notes } from "./notes";
import { Timeline } from "./timeline";
import type { HeldRecord } from "./types";
import { useMarkQueue } from "./use-marks";

export const NOTE_PANEL = "note";

const TYPING = "input, textarea, select";

/**
 * Everything about one record: its marks, what the file says, notes, and what has happened. The keys of the list work
 * here as well; the arrows go to the record above or below. A record that is not in the list is read on its own.
 */
export function CustomerSheet({
  id,
  record,
  rows,
  startWithNote,
  act,
  readOnly = false,
  onOpen,
  onClose,
}: {
  id: string | undefined;
  record: HeldRecord | undefined;
  rows: readonly HeldRecord[];
  startWithNote: boolean;
  act: Act;
  readOnly?: boolean;
  onOpen: (id: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { state } = useMarkQueue();
  const isPhone = useIsPhone();
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (id === undefined || startWithNote) return;
    // On nothing that Enter or a space would press: the keys mark. Later than the sheet's own focus, see Notes.
    const timer = setTimeout(() => content.current?.focus({ preventScroll: true }));
    return () => clearTimeout(timer);
  }, [id, startWithNote]);
  const alone = useQuery({ ...recordOptions(id ?? ""), enabled: id !== undefined && !record });
  const read = alone.data && asMarked(alone.data, state);
  const shown = record ?? read;
  const at = rows.findIndex((row) => row.id === id);
  const above = at > 0 ? rows[at - 1] : undefined;
  const below = at >= 0 ? rows[at + 1] : undefined;

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    if ((event.target as HTMLElement).closest(TYPING)) return;
    const beside = event.key === "ArrowDown" ? below : event.key === "ArrowUp" ? above : undefined;
    const action = actionOf(event);
    if (beside) onOpen(beside.id);
    else if (action && shown && (!readOnly || action.do === "copy" || action.do === "whatsapp_link")) {
      act(shown, action);
    } else return;
    event.preventDefault();
  }

  return (
    <EntitySheet
      open={id !== undefined}
      onClose={onClose}
      title={shown?.customer_id ?? t("customers.record")}
      description={shown?.display_name ?? undefined}
      footer={
        at >= 0 && (
          <>
            <Button disabled={!above} onClick={() => above && onOpen(above.id)}>
              <ChevronUp aria-hidden />
              {t("table.previous")}
            </Button>
            <Button disabled={!below} onClick={() => below && onOpen(below.id)}>
              <ChevronDown aria-hidden />
              {t("table.next")}
            </Button>
          </>
        )
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the whole sheet; every action has its button */}
      <div ref={content} tabIndex={-1} className="grid gap-6 outline-none" onKeyDown={onKeyDown}>
        {shown ? (
          <>
            <Facts record={shown} />
            <MarkToggles record={shown} act={act} touch={isPhone} disabled={readOnly} />
            <Cells record={shown} />
            <Notes id={shown.id} startHere={startWithNote} />
            <Timeline id={shown.id} />
          </>
        ) : alone.isError ? (
          <ErrorState error={alone.error} onRetry={() => alone.refetch()} />
        ) : (
          <div aria-busy className="grid gap-3">
            <Skeleton className="h-5 w-2/3" />
            <Skeleton className="h-28" />
            <Skeleton className="h-40" />
          </div>
        )}
      </div>
    </EntitySheet>
  );
}

function Facts({ record }: { record: HeldRecord }) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts = [
    record.assigned_to_name,
    record.assigned_at && t("customers.received_at", { time: format.dateTime(record.assigned_at) }),
    record.database_name,
  ];
  return (
    <div className="grid gap-1.5 text-sm">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <PhoneCell phone={record.phone_e164} />
        <RecordStatusBadge record={record} />
        <Link
          to="/customers/$key"
          params={{ key: record.customer_id }}
          className="ml-auto inline-flex items-center gap-1 text-accent-text text-xs underline-offset-4 hover:underline"
        >
          {t("customers.page.open")}
          <ArrowUpRight className="size-3.5" aria-hidden />
        </Link>
      </div>
      <p className="break-words text-muted text-xs">{facts.filter(Boolean).join(" · ")}</p>
    </div>
  );
}

/** Each cell as it stood in the file. */
export function Cells({ record }: { record: HeldRecord }) {
  const { t } = useTranslation();
  return (
    <section>
      <h3 className="pb-1 font-medium text-muted text-xs">{t("customers.cells")}</h3>
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
  );
}
