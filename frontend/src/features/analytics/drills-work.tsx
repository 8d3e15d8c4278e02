import { CircleCheck, Hourglass } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { type ChartColumn, useFigures } from "@/components/charts";
import { columnHelper } from "@/components/data-table";
import { StatusBadge } from "@/components/feedback";
import { useCodeText } from "@/lib/code-text";
import { useAnalytics } from "./context";
import { DrillTable } from "./drill-table";
import { CustomerLink, StaffLink, Sum } from "./links";
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

/** Codes of marks in the reader's words; a dash where nothing is marked. */
function useMarkText() {
  const codeText = useCodeText();
  return useMemo(
    () => ({
      wa: (code: string | null | undefined) => (code ? codeText("analytics.wa", code, code) : "–"),
      reply: (code: string | null | undefined) => (code ? codeText("analytics.reply", code, code) : "–"),
    }),
    [codeText],
  );
}

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
  const format = useFormat();
  const figures = useFigures();
  const marks = useMarkText();
  const { filter, search } = useAnalytics();
  const stage = partOf(STAGES, search.values.part);
  const columns = useMemo(() => {
    const column = columnHelper<Handed>();
    return [
      column("customer", {
        label: t("analytics.customer"),
        sort: "customer_id",
        card: "title",
        hideable: false,
        cell: (row) => <CustomerLink row={row} />,
      }),
      column("product", { label: t("analytics.product"), cell: (row) => row.product }),
      column("database", { label: t("analytics.database"), startsHidden: true, cell: (row) => row.database }),
      column("assigned", {
        label: t("analytics.assigned_at"),
        sort: "assigned_at",
        cell: (row) => format.dateTime(row.assigned_at),
      }),
      column("wa", { label: t("analytics.wa_status"), cell: (row) => marks.wa(row.wa_status) }),
      column("wa_hours", {
        label: t("analytics.hours.wa"),
        sort: "wa_hours",
        align: "end",
        cell: (row) => figures.full(row.wa_hours, "hours"),
      }),
      column("reply", { label: t("analytics.answer"), cell: (row) => marks.reply(row.respond_status) }),
      column("respond_hours", {
        label: t("analytics.hours.respond"),
        sort: "respond_hours",
        align: "end",
        cell: (row) => figures.full(row.respond_hours, "hours"),
      }),
    ];
  }, [t, format, figures, marks]);
  const file: ChartColumn<Handed>[] = [
    { key: "customer", label: t("analytics.customer"), value: (row) => row.customer_id },
    { key: "product", label: t("analytics.product"), value: (row) => row.product },
    { key: "database", label: t("analytics.database"), value: (row) => row.database },
    { key: "assigned", label: t("analytics.assigned_at"), value: (row) => row.assigned_at },
    { key: "wa", label: t("analytics.wa_status"), value: (row) => row.wa_status },
    { key: "wa_hours", label: t("analytics.hours.wa"), value: (row) => row.wa_hours },
    { key: "reply", label: t("analytics.answer"), value: (row) => row.respond_status },
    { key: "respond_hours", label: t("analytics.hours.respond"), value: (row) => row.respond_hours },
  ];
  return (
    <DrillTable<ResponseDrill, Handed>
      what="response-time"
      query={{ ...filter, staff_id: staffId, stage }}
      label={t("analytics.drill.records")}
      rows={recordsOf}
      rowId={handOut}
      columns={columns}
      file={file}
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
  const format = useFormat();
  const figures = useFigures();
  const marks = useMarkText();
  const { filter, search } = useAnalytics();
  const outcome = partOf(OUTCOMES, search.values.part);
  const columns = useMemo(() => {
    const column = columnHelper<Answered>();
    return [
      column("customer", {
        label: t("analytics.customer"),
        sort: "customer_id",
        card: "title",
        hideable: false,
        cell: (row) => <CustomerLink row={row} />,
      }),
      column("product", { label: t("analytics.product"), cell: (row) => row.product }),
      column("respond_at", {
        label: t("analytics.responded_at"),
        sort: "respond_at",
        cell: (row) => (row.respond_at ? format.dateTime(row.respond_at) : "–"),
      }),
      column("wa", {
        label: t("analytics.wa_status"),
        startsHidden: true,
        cell: (row) => marks.wa(row.wa_status),
      }),
      column("state", {
        label: t("analytics.outcome"),
        cell: (row) =>
          row.deposited ? (
            <StatusBadge icon={CircleCheck} tone="success" label={t("analytics.converted")} />
          ) : (
            <StatusBadge icon={Hourglass} tone="warning" label={t("analytics.pending")} />
          ),
      }),
      column("days", {
        label: t("analytics.waiting.days"),
        align: "end",
        cell: (row) => figures.full(row.days ?? null, "days"),
      }),
      column("count", {
        label: t("analytics.deposits"),
        align: "end",
        cell: (row) => figures.full(row.deposit_count, "count"),
      }),
      column("total", {
        label: t("analytics.amount"),
        align: "end",
        cell: (row) => figures.full(row.deposit_total, "money"),
      }),
      column("last", {
        label: t("analytics.last_deposit"),
        cell: (row) => (row.last_deposit ? format.day(row.last_deposit) : "–"),
      }),
    ];
  }, [t, format, figures, marks]);
  const file: ChartColumn<Answered>[] = [
    { key: "customer", label: t("analytics.customer"), value: (row) => row.customer_id },
    { key: "product", label: t("analytics.product"), value: (row) => row.product },
    { key: "respond_at", label: t("analytics.responded_at"), value: (row) => row.respond_at },
    { key: "wa", label: t("analytics.wa_status"), value: (row) => row.wa_status },
    {
      key: "state",
      label: t("analytics.outcome"),
      value: (row) => t(row.deposited ? "analytics.converted" : "analytics.pending"),
    },
    { key: "days", label: t("analytics.waiting.days"), value: (row) => row.days },
    { key: "count", label: t("analytics.deposits"), value: (row) => row.deposit_count },
    { key: "total", label: t("analytics.amount"), value: (row) => row.deposit_total },
    { key: "last", label: t("analytics.last_deposit"), value: (row) => row.last_deposit },
  ];
  return (
    <DrillTable<AnswerDrill, Answered>
      what={what}
      query={{ ...filter, staff_id: staffId, outcome }}
      label={t("analytics.drill.responded")}
      rows={recordsOf}
      rowId={handOut}
      columns={columns}
      file={file}
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
  const format = useFormat();
  const marks = useMarkText();
  const { filter, search } = useAnalytics();
  const measure = partOf(MEASURES, search.values.part);
  const narrowed = isDay(of)
    ? { ...filter, period: "custom", custom_start: of, custom_end: of }
    : { ...filter, staff_id: of === EVERYBODY ? filter.staff_id : of };
  const columns = useMemo(() => {
    const column = columnHelper<Done>();
    return [
      column("customer", {
        label: t("analytics.customer"),
        card: "title",
        hideable: false,
        cell: (row) => <CustomerLink row={row} />,
      }),
      column("staff", { label: t("analytics.staff"), cell: (row) => <StaffLink row={row} /> }),
      column("product", { label: t("analytics.product"), cell: (row) => row.product }),
      column("database", { label: t("analytics.database"), startsHidden: true, cell: (row) => row.database }),
      column("done", { label: t("analytics.done_on"), cell: (row) => format.day(row.done_on) }),
      column("wa", { label: t("analytics.wa_status"), cell: (row) => marks.wa(row.wa_status) }),
      column("reply", { label: t("analytics.answer"), cell: (row) => marks.reply(row.respond_status) }),
    ];
  }, [t, format, marks]);
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
      file={[
        { key: "customer", label: t("analytics.customer"), value: (row) => row.customer_id },
        { key: "staff", label: t("analytics.staff"), value: (row) => row.staff_name },
        { key: "product", label: t("analytics.product"), value: (row) => row.product },
        { key: "database", label: t("analytics.database"), value: (row) => row.database },
        { key: "done", label: t("analytics.done_on"), value: (row) => row.done_on },
        { key: "wa", label: t("analytics.wa_status"), value: (row) => row.wa_status },
        { key: "reply", label: t("analytics.answer"), value: (row) => row.respond_status },
      ]}
      filters={<PartFilter label={t("analytics.measure")} parts={MEASURES} name={name} />}
      facts={(body) => <Sum label={name(measure)} value={body.total} />}
    />
  );
}
