import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { BarChart, type ChartColumn, type Series, useFigures } from "@/components/charts";
import { chartOptions } from "./api";
import { Chart } from "./chart";
import { useChartColumns } from "./chart-columns";
import { finder } from "./charts-customers";
import { useAnalytics } from "./context";
import { Grade, useGradeText } from "./grade";
import type {
  Effectiveness,
  EffectivenessRow,
  Funnel,
  FunnelRow,
  Lifecycle,
  LifecycleRow,
  ResponseRow,
  ResponseTimes,
} from "./types";

export function ConversionFunnel() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const { filter, compare, drill } = useAnalytics();
  const query = useQuery(chartOptions<Funnel>("staff-conversion-funnel", filter, compare));
  const open = (row: FunnelRow, stage?: string) => drill("response-time", row.staff_id, stage);
  const stage = (key: "assigned" | "wa_checked" | "responded" | "deposited", tone: 1 | 3 | 4 | 5) => ({
    key,
    label: t(`analytics.stages.${key}`),
    tone,
    unit: "count" as const,
    value: (row: FunnelRow) => row[key],
  });
  const series: Series<FunnelRow>[] = [
    stage("assigned", 1),
    stage("wa_checked", 3),
    stage("responded", 5),
    stage("deposited", 4),
  ];
  return (
    <Chart
      query={query}
      rows={(data) => data.funnel_data}
      rowKey={(row) => row.staff_id}
      columns={[the.staff(), ...series]}
      isEmpty={(data) => data.funnel_data.every((row) => row.assigned === 0)}
      onOpen={open}
    >
      {(data, rows) => (
        <BarChart
          label={t("analytics.charts.staff-conversion-funnel.title")}
          rows={rows}
          rowKey={(row) => row.staff_id}
          name={(row) => row.staff_name}
          series={series}
          before={finder(data.previous?.funnel_data, (row) => row.staff_id)}
          onOpen={open}
        />
      )}
    </Chart>
  );
}

export function ResponseTime() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const gradeText = useGradeText();
  const { filter, compare, drill } = useAnalytics();
  const query = useQuery(chartOptions<ResponseTimes>("response-time-by-staff", filter, compare));
  const open = (row: ResponseRow, bar?: string) => drill("response-time", row.staff_id, bar);
  const hours = (
    key:
      | "avg_wa_hours"
      | "avg_respond_hours"
      | "median_wa_hours"
      | "median_respond_hours"
      | "p90_wa_hours"
      | "p90_respond_hours"
      | "fastest_wa"
      | "slowest_wa",
  ): ChartColumn<ResponseRow> => ({
    key,
    label: t(`analytics.hours.${key}`),
    unit: "hours",
    value: (row) => row[key],
  });
  const series: Series<ResponseRow>[] = [
    {
      key: "wa_checked",
      label: t("analytics.hours.avg_wa_hours"),
      tone: 1,
      unit: "hours",
      value: (row) => row.avg_wa_hours,
    },
    {
      key: "responded",
      label: t("analytics.hours.avg_respond_hours"),
      tone: 2,
      unit: "hours",
      value: (row) => row.avg_respond_hours,
    },
  ];
  return (
    <Chart
      query={query}
      rows={(data) => data.response_time_data}
      rowKey={(row) => row.staff_id}
      columns={[
        the.staff(),
        {
          key: "assigned",
          label: t("analytics.stages.assigned"),
          unit: "count",
          value: (row) => row.total_assigned,
        },
        {
          key: "checked",
          label: t("analytics.stages.wa_checked"),
          unit: "count",
          value: (row) => row.wa_checked_count,
        },
        {
          key: "responded",
          label: t("analytics.stages.responded"),
          unit: "count",
          value: (row) => row.responded_count,
        },
        hours("avg_wa_hours"),
        hours("median_wa_hours"),
        hours("p90_wa_hours"),
        hours("fastest_wa"),
        hours("slowest_wa"),
        hours("avg_respond_hours"),
        hours("median_respond_hours"),
        hours("p90_respond_hours"),
        { key: "grade", label: t("analytics.grade"), value: (row) => gradeText(row.grade) },
      ]}
      isEmpty={(data) => data.response_time_data.every((row) => row.total_assigned === 0)}
      onOpen={open}
    >
      {(data, rows) => (
        <BarChart
          label={t("analytics.charts.response-time-by-staff.title")}
          rows={rows}
          rowKey={(row) => row.staff_id}
          name={(row) => row.staff_name}
          series={series}
          before={finder(data.previous?.response_time_data, (row) => row.staff_id)}
          aside={(row) => <Grade grade={row.grade} />}
          onOpen={open}
        />
      )}
    </Chart>
  );
}

export function FollowupEffectiveness() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const figures = useFigures();
  const { filter, compare, drill } = useAnalytics();
  const query = useQuery(chartOptions<Effectiveness>("followup-effectiveness", filter, compare));
  const open = (row: EffectivenessRow, bar?: string) =>
    bar === "wa_checked"
      ? drill("response-time", row.staff_id, bar)
      : drill("followup-detail", row.staff_id, bar === "deposited" ? "converted" : undefined);
  const counted = (key: "wa_checked" | "wa_ada" | "responded" | "deposited", tone: 3 | 6 | 5 | 4) => ({
    key,
    label: t(`analytics.stages.${key}`),
    tone,
    unit: "count" as const,
    value: (row: EffectivenessRow) => row[key],
  });
  const series: Series<EffectivenessRow>[] = [
    counted("wa_checked", 3),
    { ...counted("wa_ada", 6), closed: true },
    counted("responded", 5),
    counted("deposited", 4),
  ];
  const effective = (row: EffectivenessRow) =>
    t("analytics.effective", { value: figures.full(row.effectiveness, "percent") });
  return (
    <Chart
      query={query}
      rows={(data) =>
        // The ranking: by effectiveness, those without an answer yet last.
        [...data.effectiveness_data].sort((a, b) => (b.effectiveness ?? -1) - (a.effectiveness ?? -1))
      }
      rowKey={(row) => row.staff_id}
      columns={[
        the.staff(),
        {
          key: "assigned",
          label: t("analytics.stages.assigned"),
          unit: "count",
          value: (row) => row.total_assigned,
        },
        ...series,
        {
          key: "effectiveness",
          label: t("analytics.effectiveness"),
          unit: "percent",
          value: (row) => row.effectiveness,
        },
      ]}
      isEmpty={(data) => data.effectiveness_data.every((row) => row.total_assigned === 0)}
      onOpen={open}
    >
      {(data, rows) => (
        <BarChart
          label={t("analytics.charts.followup-effectiveness.title")}
          rows={rows}
          rowKey={(row) => row.staff_id}
          name={(row) => row.staff_name}
          series={series}
          before={finder(data.previous?.effectiveness_data, (row) => row.staff_id)}
          aside={(row) => (
            <span className="tabular whitespace-nowrap font-medium text-xs">{effective(row)}</span>
          )}
          onOpen={open}
        />
      )}
    </Chart>
  );
}

export function DepositLifecycle() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const gradeText = useGradeText();
  const { filter, compare, drill } = useAnalytics();
  const query = useQuery(chartOptions<Lifecycle>("deposit-lifecycle", filter, compare));
  // Days are those of who has deposited; the table's row is everybody who said yes.
  const open = (row: LifecycleRow, bar?: string) =>
    drill("lifecycle", row.staff_id, bar === undefined ? undefined : "converted");
  const days = (key: "avg_days" | "median_days" | "min_days" | "max_days"): ChartColumn<LifecycleRow> => ({
    key,
    label: t(`analytics.waiting.${key}`),
    unit: "days",
    value: (row) => row[key],
  });
  const series: Series<LifecycleRow>[] = [
    {
      key: "avg",
      label: t("analytics.waiting.avg_days"),
      tone: 1,
      unit: "days",
      value: (row) => row.avg_days,
    },
  ];
  const outcome = (row: LifecycleRow) =>
    t("analytics.converted_of", { converted: row.converted_count, total: row.total_responded });
  return (
    <Chart
      query={query}
      rows={(data) => data.lifecycle_data}
      rowKey={(row) => row.staff_id}
      columns={[
        the.staff(),
        {
          key: "responded",
          label: t("analytics.stages.responded"),
          unit: "count",
          value: (row) => row.total_responded,
        },
        {
          key: "converted",
          label: t("analytics.converted"),
          unit: "count",
          value: (row) => row.converted_count,
        },
        { key: "pending", label: t("analytics.pending"), unit: "count", value: (row) => row.pending_count },
        {
          key: "rate",
          label: t("analytics.conversion"),
          unit: "percent",
          value: (row) => row.conversion_rate,
        },
        days("avg_days"),
        days("median_days"),
        days("min_days"),
        days("max_days"),
        { key: "grade", label: t("analytics.grade"), value: (row) => gradeText(row.grade) },
      ]}
      isEmpty={(data) => data.lifecycle_data.every((row) => row.total_responded === 0)}
      onOpen={open}
    >
      {(data, rows) => (
        <BarChart
          label={t("analytics.charts.deposit-lifecycle.title")}
          rows={rows}
          rowKey={(row) => row.staff_id}
          name={(row) => row.staff_name}
          series={series}
          before={finder(data.previous?.lifecycle_data, (row) => row.staff_id)}
          aside={(row) => (
            <span className="flex flex-wrap items-center justify-end gap-x-2 text-muted text-xs">
              {outcome(row)}
              <Grade grade={row.grade} />
            </span>
          )}
          onOpen={open}
        />
      )}
    </Chart>
  );
}
