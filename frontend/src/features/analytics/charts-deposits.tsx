import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import {
  AreaChart,
  type ChartColumn,
  HeatChart,
  largestSeven,
  StackedBarChart,
  type TimeSeries,
  toneAt,
  useFigures,
} from "@/components/charts";
import { StatTile } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { chartOptions } from "./api";
import { Chart } from "./chart";
import { useAnalytics } from "./context";
import { bucketNamed, weekdayNamed } from "./marks";
import type { Business, BusinessDay, Heatmap, HeatRow, NdpRdpDaily, Trend, TrendBucket } from "./types";

export function Choices<V extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: V;
  options: readonly { value: V; label: string }[];
  onChange: (value: V) => void;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: few buttons of one choice, as on other pages
    <div role="group" aria-label={label} className="flex flex-wrap gap-1">
      {options.map((option) => (
        <Button
          key={option.value}
          size="sm"
          variant={option.value === value ? "primary" : "secondary"}
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </Button>
      ))}
    </div>
  );
}

/** Rows with what stood at the same place of the period before. */
export function withBefore<R>(rows: readonly R[], before: readonly R[] | undefined): (R & { before?: R })[] {
  return rows.map((row, index) => ({ ...row, before: before?.[index] }));
}

type TrendRow = TrendBucket & { before?: TrendBucket };
const GRANULARITIES = ["daily", "weekly", "monthly"] as const;

export function DepositTrends() {
  const { t } = useTranslation();
  const format = useFormat();
  const figures = useFigures();
  const { search, filter, compare, drill } = useAnalytics();
  const granularity = search.values.granularity ?? "daily";
  const query = useQuery(chartOptions<Trend>("deposit-trends", filter, compare, { granularity }));
  const open = (row: TrendRow) => drill("date-deposits", bucketNamed(row.date, granularity));
  const bucket = (date: string) => (date.length === 7 ? format.month(`${date}-01`) : format.day(date));
  const columns: ChartColumn<TrendRow>[] = [
    { key: "date", label: t("analytics.day"), value: (row) => row.date, text: (row) => bucket(row.date) },
    { key: "amount", label: t("analytics.amount"), unit: "money", value: (row) => row.amount },
    { key: "count", label: t("analytics.deposits"), unit: "count", value: (row) => row.count },
    {
      key: "customers",
      label: t("analytics.customers"),
      unit: "count",
      value: (row) => row.unique_customers,
    },
    { key: "avg", label: t("analytics.avg_deposit"), unit: "money", value: (row) => row.avg_deposit },
    ...(compare
      ? [
          {
            key: "before",
            label: t("analytics.before"),
            unit: "money" as const,
            value: (row: TrendRow) => row.before?.amount ?? null,
          },
        ]
      : []),
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
    ...(compare ? [beforeLine<TrendRow>(t("analytics.before"), (row) => row.before?.amount ?? null)] : []),
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

function beforeLine<R>(label: string, value: (row: R) => number | null): TimeSeries<R> {
  return { key: "before", label, tone: "before", unit: "money", shape: "line", dashed: true, value };
}

type DayRow = BusinessDay & { before?: BusinessDay };

export function OmsetTrend() {
  const { t } = useTranslation();
  const format = useFormat();
  const { filter, compare, drill } = useAnalytics();
  const query = useQuery(chartOptions<Business>("business", filter, compare));
  const open = (row: DayRow) => drill("date-deposits", row.date);
  const series: TimeSeries<DayRow>[] = [
    { key: "total", label: t("analytics.omset"), tone: 1, unit: "money", value: (row) => row.total },
    ...(compare ? [beforeLine<DayRow>(t("analytics.before"), (row) => row.before?.total ?? null)] : []),
  ];
  return (
    <Chart
      query={query}
      rows={(data) => withBefore(data.omset_chart, data.previous?.omset_chart)}
      rowKey={(row) => row.date}
      columns={[
        {
          key: "date",
          label: t("analytics.day"),
          value: (row) => row.date,
          text: (row) => format.day(row.date),
        },
        { key: "total", label: t("analytics.omset"), unit: "money", value: (row) => row.total },
        { key: "count", label: t("analytics.deposits"), unit: "count", value: (row) => row.count },
        ...(compare
          ? [
              {
                key: "before",
                label: t("analytics.before"),
                unit: "money" as const,
                value: (row: DayRow) => row.before?.total ?? null,
              },
            ]
          : []),
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
  const format = useFormat();
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
        {
          key: "date",
          label: t("analytics.day"),
          value: (row) => row.date,
          text: (row) => format.day(row.date),
        },
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
      hint={before === undefined ? undefined : t("analytics.was", { value: text(before) })}
    />
  );
}

type Daily = NdpRdpDaily["chart_data"][number];
const counted = (row: Daily, type: "ndp" | "rdp", staffId: string): number =>
  Number((row as Record<string, unknown>)[`${type}_${staffId}`] ?? 0);

export function StaffNdpRdpDaily() {
  const { t } = useTranslation();
  const format = useFormat();
  const { filter, drill } = useAnalytics();
  const query = useQuery(chartOptions<NdpRdpDaily>("staff-ndp-rdp-daily", filter, false));
  const open = (row: Daily) => drill("date-deposits", row.date);
  const staff = query.data?.staff ?? [];
  return (
    <Chart
      query={query}
      rows={(data) => data.chart_data}
      rowKey={(row) => row.date}
      columns={[
        {
          key: "date",
          label: t("analytics.day"),
          value: (row) => row.date,
          text: (row) => format.day(row.date),
        },
        ...staff.flatMap(({ id, name }) =>
          (["ndp", "rdp"] as const).map((type) => ({
            key: `${type}_${id}`,
            label: `${name} ${type.toUpperCase()}`,
            unit: "count" as const,
            value: (row: Daily) => counted(row, type, id),
          })),
        ),
      ]}
      isEmpty={(data) =>
        data.chart_data.every((row) =>
          data.staff.every(({ id }) => counted(row, "ndp", id) + counted(row, "rdp", id) === 0),
        )
      }
      onOpen={open}
    >
      {(data, rows) => {
        const sum = (id: string) =>
          rows.reduce((total, row) => total + counted(row, "ndp", id) + counted(row, "rdp", id), 0);
        const { largest, rest } = largestSeven(data.staff, ({ id }) => sum(id));
        const seriesOf = (type: "ndp" | "rdp"): TimeSeries<Daily>[] => [
          ...largest.map(({ id, name }, index) => ({
            key: id,
            label: name,
            tone: toneAt(index),
            unit: "count" as const,
            value: (row: Daily) => counted(row, type, id),
          })),
          ...(rest.length > 0
            ? [
                {
                  key: "other",
                  label: t("analytics.others", { count: rest.length }),
                  tone: "other" as const,
                  unit: "count" as const,
                  value: (row: Daily) => rest.reduce((total, { id }) => total + counted(row, type, id), 0),
                },
              ]
            : []),
        ];
        return (
          <div className="grid gap-3">
            {(["ndp", "rdp"] as const).map((type) => (
              <div key={type}>
                <h4 className="pb-1 font-medium text-muted text-xs">{type.toUpperCase()}</h4>
                <AreaChart
                  label={`${t("analytics.charts.staff-ndp-rdp-daily.title")}: ${type.toUpperCase()}`}
                  rows={rows}
                  at={(row) => row.date}
                  series={seriesOf(type)}
                  stacked
                  height={170}
                  onOpen={open}
                />
              </div>
            ))}
          </div>
        );
      }}
    </Chart>
  );
}

const MONDAY = "2024-01-0";

export function RevenueHeatmap() {
  const { t } = useTranslation();
  const format = useFormat();
  const figures = useFigures();
  const { search, filter, drill } = useAnalytics();
  const measure = search.values.measure ?? "count";
  const unit = measure === "amount" ? "money" : "count";
  const query = useQuery(chartOptions<Heatmap>("revenue-heatmap", filter, false));
  const open = (row: HeatRow) => drill("staff-customers", row.staff_id);
  const days = Array.from({ length: 7 }, (_, index) => ({
    key: String(index),
    label: format.weekday(`${MONDAY}${index + 1}`),
    unit: unit as "money" | "count",
    value: (row: HeatRow) => row.days[index]?.[measure] ?? 0,
  }));
  return (
    <Chart
      query={query}
      rows={(data) => data.grid}
      rowKey={(row) => row.staff_id}
      columns={[{ key: "staff", label: t("analytics.staff"), value: (row) => row.staff_name }, ...days]}
      isEmpty={(data) => data.max_count === 0}
      onOpen={open}
      choices={
        <Choices
          label={t("analytics.measure")}
          value={measure}
          onChange={(value) => search.set({ measure: value === "amount" ? "amount" : undefined })}
          options={[
            { value: "count", label: t("analytics.deposits") },
            { value: "amount", label: t("analytics.amount") },
          ]}
        />
      }
    >
      {(data, rows) => (
        <HeatChart
          label={t("analytics.charts.revenue-heatmap.title")}
          first={t("analytics.staff")}
          rows={rows}
          rowKey={(row) => row.staff_id}
          name={(row) => row.staff_name}
          columns={days}
          unit={unit}
          most={measure === "amount" ? data.max_amount : data.max_count}
          detail={(row, column) =>
            t("analytics.heat_detail", {
              count: row.days[column]?.count ?? 0,
              amount: figures.full(row.days[column]?.amount ?? 0, "money"),
              avg: figures.full(row.days[column]?.avg ?? null, "money"),
            })
          }
          onOpen={(row, column) => drill("weekday-deposits", weekdayNamed(column, row.staff_id))}
        />
      )}
    </Chart>
  );
}
