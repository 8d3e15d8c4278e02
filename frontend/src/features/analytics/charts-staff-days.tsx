import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { AreaChart, HeatChart, largestSeven, type TimeSeries, toneAt, useFigures } from "@/components/charts";
import { chartOptions } from "./api";
import { Chart } from "./chart";
import { useChartColumns } from "./chart-columns";
import { finder } from "./charts-customers";
import { beforeLine } from "./charts-deposits";
import { Choices } from "./choices";
import { useAnalytics } from "./context";
import { weekdayNamed } from "./marks";
import type { Heatmap, HeatRow, NdpRdpDaily } from "./types";

type Daily = NdpRdpDaily["chart_data"][number];
/** A day, with what everybody came to at the same place of the period before. */
type DailyRow = { date: string; counts: Daily; before?: Record<"ndp" | "rdp", number> };
const counted = (row: Daily, type: "ndp" | "rdp", staffId: string): number =>
  Number((row as Record<string, unknown>)[`${type}_${staffId}`] ?? 0);

export function StaffNdpRdpDaily() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const { filter, compare, drill } = useAnalytics();
  const query = useQuery(chartOptions<NdpRdpDaily>("staff-ndp-rdp-daily", filter, compare));
  const open = (row: DailyRow) => drill("date-deposits", row.date);
  const staff = query.data?.staff ?? [];
  const everybody = ({ staff, chart_data }: Pick<NdpRdpDaily, "staff" | "chart_data">) =>
    chart_data.map((row) => {
      const sum = (type: "ndp" | "rdp") => staff.reduce((total, { id }) => total + counted(row, type, id), 0);
      return { ndp: sum("ndp"), rdp: sum("rdp") };
    });
  return (
    <Chart
      query={query}
      rows={(data): DailyRow[] => {
        const before = data.previous && everybody(data.previous);
        return data.chart_data.map((counts, index) => ({
          date: counts.date,
          counts,
          before: before?.[index],
        }));
      }}
      rowKey={(row) => row.date}
      columns={[
        the.day(),
        ...staff.flatMap(({ id, name }) =>
          (["ndp", "rdp"] as const).map((type) => ({
            key: `${type}_${id}`,
            label: `${name} ${type.toUpperCase()}`,
            unit: "count" as const,
            value: ({ counts }: DailyRow) => counted(counts, type, id),
          })),
        ),
        ...(["ndp", "rdp"] as const).flatMap((type) =>
          the
            .before<DailyRow>("count", (row) => row.before?.[type] ?? null)
            .map((column) => ({
              ...column,
              key: `before_${type}`,
              label: `${type.toUpperCase()}, ${column.label}`,
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
          rows.reduce(
            (total, { counts }) => total + counted(counts, "ndp", id) + counted(counts, "rdp", id),
            0,
          );
        const { largest, rest } = largestSeven(data.staff, ({ id }) => sum(id));
        const seriesOf = (type: "ndp" | "rdp"): TimeSeries<DailyRow>[] => [
          ...largest.map(({ id, name }, index) => ({
            key: id,
            label: name,
            tone: toneAt(index),
            unit: "count" as const,
            value: ({ counts }: DailyRow) => counted(counts, type, id),
          })),
          ...(rest.length > 0
            ? [
                {
                  key: "other",
                  label: t("analytics.others", { count: rest.length }),
                  tone: "other" as const,
                  unit: "count" as const,
                  value: ({ counts }: DailyRow) =>
                    rest.reduce((total, { id }) => total + counted(counts, type, id), 0),
                },
              ]
            : []),
          ...(data.previous
            ? [beforeLine<DailyRow>(t("analytics.before"), "count", (row) => row.before?.[type] ?? null)]
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
  const the = useChartColumns();
  const format = useFormat();
  const figures = useFigures();
  const { search, filter, compare, drill } = useAnalytics();
  const measure = search.values.measure ?? "count";
  const unit = measure === "amount" ? "money" : "count";
  const query = useQuery(chartOptions<Heatmap>("revenue-heatmap", filter, compare));
  const before = finder(query.data?.previous?.grid, (row) => row.staff_id);
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
      columns={[the.staff(), ...days]}
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
          before={before && ((row, column) => before(row)?.days[column]?.[measure] ?? 0)}
          onOpen={(row, column) => drill("weekday-deposits", weekdayNamed(column, row.staff_id))}
        />
      )}
    </Chart>
  );
}
