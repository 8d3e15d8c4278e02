import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { BarChart, DonutChart, LineChart, type Series, useFigures } from "@/components/charts";
import { chartOptions } from "./api";
import { Chart } from "./chart";
import { useChartColumns } from "./chart-columns";
import { finder } from "./charts-customers";
import { beforeLine, Share, withBefore } from "./charts-deposits";
import { useAnalytics } from "./context";
import { EVERYBODY } from "./marks";
import type { ActivityDay, StaffMetrics, Team } from "./types";

const PATH = "staff-performance";

function useTeam() {
  const { filter, compare } = useAnalytics();
  return useQuery(chartOptions<Team>(PATH, filter, compare));
}

export function StaffComparison() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const { drill } = useAnalytics();
  const query = useTeam();
  const open = (row: StaffMetrics, bar?: string) =>
    bar === undefined || bar === "assigned"
      ? drill("response-time", row.staff_id)
      : drill("work-done", row.staff_id, bar);
  const series: Series<StaffMetrics>[] = [
    {
      key: "assigned",
      label: t("analytics.stages.assigned"),
      tone: 1,
      unit: "count",
      value: (row) => row.records_in_period,
    },
    {
      key: "checked",
      label: t("analytics.stages.wa_checked"),
      tone: 3,
      unit: "count",
      value: (row) => row.whatsapp_checked,
    },
    {
      key: "respond_ya",
      label: t("analytics.stages.responded"),
      tone: 5,
      unit: "count",
      value: (row) => row.respond_ya,
    },
  ];
  return (
    <Chart
      query={query}
      rows={(data) => data.staff_metrics}
      rowKey={(row) => row.staff_id}
      columns={[
        the.staff(),
        ...series,
        { key: "ada", label: t("analytics.stages.wa_ada"), unit: "count", value: (row) => row.whatsapp_ada },
        { key: "wa_rate", label: t("analytics.wa_rate"), unit: "percent", value: (row) => row.whatsapp_rate },
        {
          key: "rate",
          label: t("analytics.response_rate"),
          unit: "percent",
          value: (row) => row.respond_rate,
        },
      ]}
      onOpen={open}
    >
      {({ summary, previous, staff_metrics }, rows) => (
        <div className="grid gap-3">
          {staff_metrics.length > 1 && (
            <div className="grid grid-cols-3 gap-2">
              <Share
                label={t("analytics.stages.assigned")}
                value={summary.records_in_period}
                before={previous?.summary.records_in_period}
              />
              <Share
                label={t("analytics.stages.wa_checked")}
                value={summary.whatsapp_checked}
                before={previous?.summary.whatsapp_checked}
              />
              <Share
                label={t("analytics.stages.responded")}
                value={summary.respond_ya}
                before={previous?.summary.respond_ya}
              />
            </div>
          )}
          <BarChart
            label={t("analytics.charts.staff-comparison.title")}
            rows={rows}
            rowKey={(row) => row.staff_id}
            name={(row) => row.staff_name}
            series={series}
            before={finder(previous?.staff_metrics, (row) => row.staff_id)}
            onOpen={open}
          />
        </div>
      )}
    </Chart>
  );
}

type ActivityRow = ActivityDay & { before?: ActivityDay };

export function DailyActivity() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const { drill } = useAnalytics();
  const query = useTeam();
  const open = (row: ActivityDay) => drill("work-done", row.date);
  const series: Series<ActivityDay>[] = [
    {
      key: "checked",
      label: t("analytics.stages.wa_checked"),
      tone: 3,
      unit: "count",
      value: (row) => row.whatsapp_checked,
    },
    {
      key: "responded",
      label: t("analytics.answers"),
      tone: 5,
      unit: "count",
      value: (row) => row.respond_ya + row.respond_tidak,
    },
  ];
  return (
    <Chart
      query={query}
      rows={(data) => withBefore(data.daily_chart, data.previous?.daily_chart)}
      rowKey={(row) => row.date}
      columns={[
        the.day(),
        ...series,
        ...the.before<ActivityRow>("count", (row) => row.before?.whatsapp_checked ?? null),
      ]}
      isEmpty={(data) =>
        data.daily_chart.every((row) => row.whatsapp_checked + row.respond_ya + row.respond_tidak === 0)
      }
    >
      {({ previous }, rows) => (
        <LineChart
          label={t("analytics.charts.daily-activity.title")}
          rows={rows}
          at={(row) => row.date}
          onOpen={open}
          series={[
            ...series,
            ...(previous
              ? [
                  beforeLine<ActivityRow>(
                    t("analytics.checked_before"),
                    "count",
                    (row) => row.before?.whatsapp_checked ?? null,
                  ),
                ]
              : []),
          ]}
        />
      )}
    </Chart>
  );
}

const STATES = ["ada", "ceklis1", "tidak"] as const;
type MixRow = { state: (typeof STATES)[number]; count: number; before: number | null };
const MIX_TONES = { ada: 3, ceklis1: 5, tidak: 6 } as const;

export function WaMix() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const { drill } = useAnalytics();
  const query = useTeam();
  const open = (row: MixRow) => drill("work-done", EVERYBODY, row.state);
  return (
    <Chart
      query={query}
      rows={(data): MixRow[] =>
        STATES.map((state) => ({
          state,
          count: data.summary[`whatsapp_${state}`],
          before: data.previous?.summary[`whatsapp_${state}`] ?? null,
        }))
      }
      rowKey={(row) => row.state}
      columns={[
        {
          key: "state",
          label: t("analytics.wa_status"),
          value: (row) => row.state,
          text: (row) => t(`analytics.wa.${row.state}`),
        },
        { key: "count", label: t("analytics.customers"), unit: "count", value: (row) => row.count },
        ...the.before<MixRow>("count", (row) => row.before),
      ]}
      isEmpty={({ summary }) => summary.whatsapp_checked === 0}
      onOpen={open}
    >
      {(_data, rows) => (
        <DonutChart
          label={t("analytics.charts.whatsapp-mix.title")}
          unit="count"
          whole={t("analytics.stages.wa_checked")}
          parts={rows.map((row) => ({
            key: row.state,
            name: t(`analytics.wa.${row.state}`),
            value: row.count,
            before: row.before ?? undefined,
            tone: MIX_TONES[row.state],
            onOpen: () => open(row),
          }))}
        />
      )}
    </Chart>
  );
}

export function ResponseRate() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const figures = useFigures();
  const { drill } = useAnalytics();
  const query = useTeam();
  const open = (row: StaffMetrics) => drill("work-done", row.staff_id, "respond_ya");
  const series: Series<StaffMetrics>[] = [
    {
      key: "rate",
      label: t("analytics.response_rate"),
      tone: 5,
      unit: "percent",
      value: (row) => row.respond_rate,
    },
  ];
  const answered = (row: StaffMetrics) =>
    t("analytics.answered_of", {
      yes: figures.full(row.respond_ya, "count"),
      answers: row.respond_ya + row.respond_tidak,
    });
  return (
    <Chart
      query={query}
      rows={(data) => [...data.staff_metrics].sort((a, b) => (b.respond_rate ?? -1) - (a.respond_rate ?? -1))}
      rowKey={(row) => row.staff_id}
      columns={[
        the.staff(),
        {
          key: "respond_ya",
          label: t("analytics.stages.responded"),
          unit: "count",
          value: (row) => row.respond_ya,
        },
        { key: "tidak", label: t("analytics.refused"), unit: "count", value: (row) => row.respond_tidak },
        ...series,
      ]}
      isEmpty={(data) => data.staff_metrics.every((row) => row.respond_rate === null)}
      onOpen={open}
    >
      {(data, rows) => (
        <BarChart
          label={t("analytics.charts.response-rate.title")}
          rows={rows}
          rowKey={(row) => row.staff_id}
          name={(row) => row.staff_name}
          series={series}
          most={100}
          before={finder(data.previous?.staff_metrics, (row) => row.staff_id)}
          aside={(row) => <span className="whitespace-nowrap text-muted text-xs">{answered(row)}</span>}
          onOpen={open}
        />
      )}
    </Chart>
  );
}
