import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import {
  AreaChart,
  type ChartColumn,
  StackedBarChart,
  type TimeSeries,
  type Unit,
  useFigures,
} from "@/components/charts";
import { StatTile } from "@/components/feedback";
import { chartOptions } from "./api";
import { Chart } from "./chart";
import { useChartColumns } from "./chart-columns";
import { Choices } from "./choices";
import { useAnalytics } from "./context";
import { bucketNamed } from "./marks";
import type { Business, BusinessDay, Trend, TrendBucket } from "./types";

/** Rows with what stood at the same place of the period before. */
export function withBefore<R>(rows: readonly R[], before: readonly R[] | undefined): (R & { before?: R })[] {
  return rows.map((row, index) => ({ ...row, before: before?.[index] }));
}

type TrendRow = TrendBucket & { before?: TrendBucket };
const GRANULARITIES = ["daily", "weekly", "monthly"] as const;

export function DepositTrends() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const format = useFormat();
  const figures = useFigures();
  const { search, filter, compare, drill } = useAnalytics();
  const granularity = search.values.granularity ?? "daily";
  const query = useQuery(chartOptions<Trend>("deposit-trends", filter, compare, { granularity }));
  const open = (row: TrendRow) => drill("date-deposits", bucketNamed(row.date, granularity));
  const bucket = (date: string) => (date.length === 7 ? format.month(`${date}-01`) : format.day(date));
  const columns: ChartColumn<TrendRow>[] = [
    the.day(),
    { key: "amount", label: t("analytics.amount"), unit: "money", value: (row) => row.amount },
    { key: "count", label: t("analytics.deposits"), unit: "count", value: (row) => row.count },
    {
      key: "customers",
      label: t("analytics.customers"),
      unit: "count",
      value: (row) => row.unique_customers,
    },
    { key: "avg", label: t("analytics.avg_deposit"), unit: "money", value: (row) => row.avg_deposit },
    ...the.before<TrendRow>("money", (row) => row.before?.amount ?? null),
  ];
  const series: TimeSeries<TrendRow>[] = [
    { key: "amount", label: t("analytics.amount"), tone: 1, unit: "money", value: (row) => row.amount },
    {
      key: "count",
      label: t("analytics.deposits"),
      tone: 2,
      unit: "count",
      shape: "line",
      right: true,
      value: (row) => row.count,
    },
    ...(compare
      ? [beforeLine<TrendRow>(t("analytics.before"), "money", (row) => row.before?.amount ?? null)]
      : []),
  ];
  return (
    <Chart
      query={query}
      rows={(data) => withBefore(data.chart_data, data.previous?.chart_data)}
      rowKey={(row) => row.date}
      columns={columns}
      isEmpty={(data) => data.summary.total_deposits === 0}
      onOpen={open}
      choices={
        <Choices
          label={t("analytics.granularity")}
          value={granularity}
          onChange={(value) => search.set({ granularity: value === "daily" ? undefined : value })}
          options={GRANULARITIES.map((value) => ({ value, label: t(`analytics.granularities.${value}`) }))}
        />
      }
    >
      {({ summary }, rows) => (
        <div className="grid gap-3">
          <div className="grid grid-cols-2 gap-2 xl:grid-cols-4">
            <StatTile
              label={t("analytics.total_volume")}
              value={
                <span title={figures.full(summary.total_amount, "money")}>
                  {figures.short(summary.total_amount, "money")}
                </span>
              }
            />
            <StatTile label={t("analytics.deposits")} value={figures.full(summary.total_deposits, "count")} />
            <StatTile
              label={t("analytics.avg_per_period")}
              value={
                <span title={figures.full(summary.avg_per_period, "money")}>
                  {figures.short(summary.avg_per_period, "money")}
                </span>
              }
            />
            <StatTile
              label={t("analytics.peak")}
              value={
                <span title={figures.full(summary.peak_amount, "money")}>
                  {figures.short(summary.peak_amount, "money")}
                </span>
              }
              hint={summary.peak_period ? bucket(summary.peak_period) : undefined}
            />
          </div>
          <AreaChart
            label={t("analytics.charts.deposit-trends.title")}
            rows={rows as TrendRow[]}
            at={(row) => row.date}
            series={series}
            note={(row) => (row.partial ? t("analytics.partial") : undefined)}
            onOpen={open}
          />
        </div>
      )}
    </Chart>
  );
}

/** What it was in the period before, as a line over what it is. */
export function beforeLine<R>(label: string, unit: Unit, value: (row: R) => number | null): TimeSeries<R> {
  return { key: "before", label, tone: "before", unit, shape: "line", dashed: true, value };
}

type DayRow = BusinessDay & { before?: BusinessDay };

export function OmsetTrend() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const { filter, compare, drill } = useAnalytics();
  const query = useQuery(chartOptions<Business>("business", filter, compare));
  const open = (row: DayRow) => drill("date-deposits", row.date);
  const series: TimeSeries<DayRow>[] = [
    { key: "total", label: t("analytics.omset"), tone: 1, unit: "money", value: (row) => row.total },
    ...(compare
      ? [beforeLine<DayRow>(t("analytics.before"), "money", (row) => row.before?.total ?? null)]
      : []),
  ];
  return (
    <Chart
      query={query}
      rows={(data) => withBefore(data.omset_chart, data.previous?.omset_chart)}
      rowKey={(row) => row.date}
      columns={[
        the.day(),
        { key: "total", label: t("analytics.omset"), unit: "money", value: (row) => row.total },
        { key: "count", label: t("analytics.deposits"), unit: "count", value: (row) => row.count },
        ...the.before<DayRow>("money", (row) => row.before?.total ?? null),
      ]}
      isEmpty={(data) => data.omset_chart.every((row) => row.count === 0)}
      onOpen={open}
    >
      {(_data, rows) => (
        <AreaChart
          label={t("analytics.charts.omset-trend.title")}
          rows={rows}
          at={(row) => row.date}
          series={series}
          onOpen={open}
        />
      )}
    </Chart>
  );
}

export function NdpVsRdp() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const { filter, compare, drill } = useAnalytics();
  const query = useQuery(chartOptions<Business>("business", filter, compare));
  const open = (row: BusinessDay) => drill("date-deposits", row.date);
  const series: TimeSeries<BusinessDay>[] = [
    { key: "ndp", label: "NDP", tone: "ndp", unit: "count", value: (row) => row.ndp },
    { key: "rdp", label: "RDP", tone: "rdp", unit: "count", value: (row) => row.rdp },
  ];
  return (
    <Chart
      query={query}
      rows={(data) => data.omset_chart}
      rowKey={(row) => row.date}
      columns={[
        the.day(),
        ...series,
        { key: "ndp_total", label: t("analytics.ndp_amount"), unit: "money", value: (row) => row.ndp_total },
        { key: "rdp_total", label: t("analytics.rdp_amount"), unit: "money", value: (row) => row.rdp_total },
      ]}
      isEmpty={({ summary }) => summary.ndp_count + summary.rdp_count === 0}
      onOpen={open}
    >
      {({ summary, previous }, rows) => (
        <div className="grid gap-3">
          <div className="grid grid-cols-3 gap-2">
            <Share label="NDP" value={summary.ndp_count} before={previous?.summary.ndp_count} />
            <Share label="RDP" value={summary.rdp_count} before={previous?.summary.rdp_count} />
            <Share
              label={t("analytics.ndp_share")}
              value={summary.ndp_percentage}
              before={previous?.summary.ndp_percentage}
              percent
            />
          </div>
          <StackedBarChart
            label={t("analytics.charts.ndp-vs-rdp.title")}
            rows={rows}
            at={(row) => row.date}
            series={series}
            onOpen={open}
          />
        </div>
      )}
    </Chart>
  );
}

/** One figure of a chart, with what it was in the period before. */
export function Share({
  label,
  value,
  before,
  percent,
}: {
  label: string;
  value: number | null;
  before?: number | null;
  percent?: boolean;
}) {
  const { t } = useTranslation();
  const figures = useFigures();
  const text = (figure: number | null) => figures.full(figure, percent ? "percent" : "count");
  return (
    <StatTile
      label={label}
      value={text(value)}
      hint={before === undefined ? undefined : t("charts.was", { value: text(before) })}
    />
  );
}
