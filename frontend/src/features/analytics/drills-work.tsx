import { CircleCheck, Hourglass } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/components/feedback";
import { useAnalytics } from "./context";
import { type DrillColumn, useDrillColumns } from "./drill-columns";
import { DrillTable } from "./drill-table";
import { Sum } from "./links";
import { EVERYBODY, isDay } from "./marks";
import { PartFilter, partOf } from "./part-filter";
import type { AnswerDrill, ResponseDrill, WorkDrill } from "./types";

type Handed = ResponseDrill["records"][number];
type Answered = AnswerDrill["records"][number];
type Done = WorkDrill["records"][number];

const recordsOf = <R,>(body: { records: R[] }) => body.records;

const STAGES = ["assigned", "wa_checked", "responded", "deposited"] as const;
const OUTCOMES = ["all", "converted", "pending"] as const;
const MEASURES = ["checked", "ada", "ceklis1", "tidak", "respond_ya", "respond_tidak"] as const;

/** Rows are hand-outs: the same record may have been handed to the same staff twice. */
const handOut = (row: {
  customer_key: string;
  database_id: string;
  record_id?: string | null;
  assigned_at: string;
}) => [row.record_id ?? row.customer_key, row.database_id, row.assigned_at].join(" ");

/** What one staff was handed, as far as it has come. */
export function RecordsOfStaff({ staffId }: { staffId: string }) {
  const { t } = useTranslation();
  const the = useDrillColumns();
  const { filter, search } = useAnalytics();
  const stage = partOf(STAGES, search.values.part);
  const columns = useMemo<DrillColumn<Handed>[]>(
    () => [
      ...the.customer<Handed>({ sort: true }),
      the.product(),
      the.database(),
      the.instant("assigned_at", t("analytics.assigned_at"), "assigned_at"),
      the.wa(),
      the.figure("wa_hours", t("analytics.hours.wa"), "hours", "wa_hours"),
      the.reply(),
      the.figure("respond_hours", t("analytics.hours.respond"), "hours", "respond_hours"),
    ],
    [t, the],
  );
  return (
    <DrillTable<ResponseDrill, Handed>
      what="response-time"
      query={{ ...filter, staff_id: staffId, stage }}
      label={t("analytics.drill.records")}
      rows={recordsOf}
      rowId={handOut}
      columns={columns}
      filters={
        <PartFilter
          label={t("analytics.drill.stage")}
          parts={STAGES}
          name={(part) => t(`analytics.stages.${part}`)}
        />
      }
      facts={(body) => <Sum label={t(`analytics.stages.${stage}`)} value={body.total} />}
    />
  );
}

/** Who said yes to one staff: of what was handed out in the period, or (`lifecycle`) whose yes lies in it. */
export function AnswersOfStaff({
  what,
  staffId,
}: {
  what: "followup-detail" | "lifecycle";
  staffId: string;
}) {
  const { t } = useTranslation();
  const the = useDrillColumns();
  const { filter, search } = useAnalytics();
  const outcome = partOf(OUTCOMES, search.values.part);
  const columns = useMemo<DrillColumn<Answered>[]>(
    () => [
      ...the.customer<Answered>({ sort: true }),
      the.product(),
      the.instant("respond_at", t("analytics.responded_at"), "respond_at"),
      the.wa({ startsHidden: true }),
      {
        key: "state",
        label: t("analytics.outcome"),
        value: (row) => t(row.deposited ? "analytics.converted" : "analytics.pending"),
        cell: (row) =>
          row.deposited ? (
            <StatusBadge icon={CircleCheck} tone="success" label={t("analytics.converted")} />
          ) : (
            <StatusBadge icon={Hourglass} tone="warning" label={t("analytics.pending")} />
          ),
      },
      the.figure("days", t("analytics.waiting.days"), "days"),
      the.figure("deposit_count", t("analytics.deposits"), "count"),
      the.figure("deposit_total", t("analytics.amount"), "money"),
      the.day("last_deposit", t("analytics.last_deposit")),
    ],
    [t, the],
  );
  return (
    <DrillTable<AnswerDrill, Answered>
      what={what}
      query={{ ...filter, staff_id: staffId, outcome }}
      label={t("analytics.drill.responded")}
      rows={recordsOf}
      rowId={handOut}
      columns={columns}
      filters={
        <PartFilter
          label={t("analytics.outcome")}
          parts={OUTCOMES}
          name={(part) => t(part === "all" ? "analytics.drill.responded" : `analytics.${part}`)}
        />
      }
      facts={(body) => (
        <>
          <Sum label={t("analytics.drill.responded")} value={body.converted + body.pending} />
          <Sum label={t("analytics.converted")} value={body.converted} />
          <Sum label={t("analytics.pending")} value={body.pending} />
        </>
      )}
    />
  );
}

/** Checks and answers by the day on which they were set: of everybody, of one staff, or of one day. */
export function WorkDone({ of }: { of: string }) {
  const { t } = useTranslation();
  const the = useDrillColumns();
  const { filter, search } = useAnalytics();
  const measure = partOf(MEASURES, search.values.part);
  const narrowed = isDay(of)
    ? { ...filter, period: "custom", custom_start: of, custom_end: of }
    : { ...filter, staff_id: of === EVERYBODY ? filter.staff_id : of };
  const columns = useMemo<DrillColumn<Done>[]>(
    () => [
      ...the.customer<Done>(),
      the.staff(),
      the.product(),
      the.database(),
      the.day("done_on", t("analytics.done_on")),
      the.wa(),
      the.reply(),
    ],
    [t, the],
  );
  const name = (part: (typeof MEASURES)[number]) =>
    part === "checked"
      ? t("analytics.stages.wa_checked")
      : part === "respond_ya"
        ? t("analytics.stages.responded")
        : part === "respond_tidak"
          ? t("analytics.refused")
          : t(`analytics.wa.${part}`);
  return (
    <DrillTable<WorkDrill, Done>
      what="work-done"
      query={{ ...narrowed, measure }}
      label={t("analytics.drill.records")}
      rows={recordsOf}
      rowId={(row) =>
        [row.record_id ?? row.customer_key, row.database_id, row.staff_id, row.done_on].join(" ")
      }
      columns={columns}
      filters={<PartFilter label={t("analytics.measure")} parts={MEASURES} name={name} />}
      facts={(body) => <Sum label={name(measure)} value={body.total} />}
    />
  );
}
