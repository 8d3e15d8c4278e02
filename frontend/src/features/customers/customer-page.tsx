import { useQuery } from "@tanstack/react-query";
import { CircleUserRound, Lock, LockOpen, type LucideIcon } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { can, useMe } from "@/api/session";
import { PhoneCell } from "@/components/data-table";
import { ErrorState, StaleNote, StatusBadge, type Tone } from "@/components/feedback";
import { PageHeader, RouteNotFound, RoutePending } from "@/components/layout";
import { Card } from "@/components/ui/surface";
import { CustomerDeposits } from "@/features/deposits";
import { POOLS, RecordStatusBadge } from "@/features/pools";
import { useIsPhone } from "@/lib/use-media";
import { customerOptions } from "./api";
import { ConflictPanel } from "./conflict-panel";
import { Cells } from "./customer-sheet";
import { type Act, MarkToggles } from "./mark-toggles";
import { asMarked } from "./marked";
import { Notes } from "./notes";
import { SaveState } from "./save-state";
import { TimelineList } from "./timeline";
import type { Customer, CustomerRecord } from "./types";
import { useAct } from "./use-act";
import { useMarkQueue } from "./use-marks";

/** Everything about one customer that the viewer may see: records, marks, reservation, notes, timeline (spec 6.2). */
export function CustomerPage({ name }: { name: string }) {
  const { t } = useTranslation();
  const query = useQuery(customerOptions(name));
  const { queue, state } = useMarkQueue();
  const [noteOn, setNoteOn] = useState<string>();
  const { act, dialog } = useAct(queue, { onNote: useCallback((record) => setNoteOn(record.id), []) });
  const customer = query.data;

  if (!customer) {
    if (query.isPending) return <RoutePending />;
    if (isProblem(query.error) && query.error.status === 404) return <RouteNotFound />;
    return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  }
  const records = customer.records.map((record) => asMarked(record, state));
  return (
    <>
      <PageHeader
        title={customer.display_name}
        documentTitle={t("customers.record")}
        description={<CustomerFacts customer={customer} />}
        back={{ to: "/customers", label: t("customers.page.back") }}
        actions={<SaveState queue={queue} state={state} />}
      />
      {query.isError && <StaleNote error={query.error} onRetry={() => query.refetch()} />}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <section className="grid gap-4">
          <h2 className="font-medium text-muted text-xs">
            {t("customers.page.records", { count: records.length })}
          </h2>
          {records.map((record) => (
            <RecordCard key={record.id} record={record} act={act} startWithNote={record.id === noteOn} />
          ))}
        </section>
        <div className="grid gap-5">
          <CustomerDeposits customerKey={customer.customer_key} />
          <CustomerTimeline customer={customer} />
        </div>
      </div>
      {dialog}
      <ConflictPanel
        queue={queue}
        state={state}
        nameOf={(id) => records.find((record) => record.id === id)?.customer_id}
      />
    </>
  );
}

const OWNERS: Record<Customer["reservation"]["state"], { icon: LucideIcon; tone: Tone }> = {
  yours: { icon: CircleUserRound, tone: "success" },
  taken: { icon: Lock, tone: "warning" },
  none: { icon: LockOpen, tone: "neutral" },
};

function CustomerFacts({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const { state, staff_name } = customer.reservation;
  const word = t(`customers.page.reservation.${state}`);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 pt-1">
      <span className="break-all">{customer.records[0]?.customer_id ?? customer.customer_key}</span>
      {customer.phones.map((phone) =>
        phone.startsWith("+") ? <PhoneCell key={phone} phone={phone} /> : <span key={phone}>{phone}</span>,
      )}
      <StatusBadge {...OWNERS[state]} label={staff_name ? `${word}: ${staff_name}` : word} />
    </div>
  );
}

function RecordCard({
  record,
  act,
  startWithNote,
}: {
  record: CustomerRecord;
  act: Act;
  startWithNote: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const isPhone = useIsPhone();
  const pool = POOLS[record.module];
  const mayMark =
    record.status === "assigned" && (record.assigned_to === me.id || can(me, "contacts.manage"));
  return (
    <Card className="grid gap-4 p-4" data-testid="customer-record">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0">
          <h3 className="flex items-center gap-2 font-medium">
            <pool.icon className="size-4 shrink-0 text-muted" aria-hidden />
            <span className="break-words">{record.database_name}</span>
          </h3>
          <p className="text-muted text-xs">
            {[
              t(pool.title),
              record.product_name,
              record.assigned_to_name,
              record.assigned_at && t("customers.received_at", { time: format.dateTime(record.assigned_at) }),
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </div>
        <RecordStatusBadge record={record} />
      </div>
      <MarkToggles record={record} act={act} touch={isPhone} disabled={!mayMark} />
      <Cells record={record} />
      <Notes id={record.id} startHere={startWithNote} readOnly={!mayMark} />
    </Card>
  );
}

function CustomerTimeline({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const names = useMemo(
    () => new Map(customer.records.map((record) => [record.id, record.database_name])),
    [customer.records],
  );
  return (
    <section>
      <h2 className="pb-3 font-medium text-muted text-xs">{t("customers.timeline.title")}</h2>
      <Card className="p-4">
        {customer.timeline.length === 0 ? (
          <p className="text-muted text-sm">{t("customers.timeline.empty")}</p>
        ) : (
          <TimelineList
            entries={customer.timeline}
            placeOf={names.size > 1 ? (recordId) => names.get(recordId) : undefined}
          />
        )}
      </Card>
    </section>
  );
}
