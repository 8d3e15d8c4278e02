import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import {
  BarChart,
  type ChartColumn,
  DonutChart,
  type DonutPart,
  largestSeven,
  type Series,
  toneAt,
  useFigures,
} from "@/components/charts";
import { chartOptions } from "./api";
import { Chart } from "./chart";
import { useChartColumns } from "./chart-columns";
import { Share } from "./charts-deposits";
import { useAnalytics } from "./context";
import type {
  Business,
  CustomerValue,
  DatabaseUse,
  ProductFigures,
  ProductOmset,
  Products,
  StaffValue,
} from "./types";

/** The same row in the period before, by its id. */
export function finder<R>(rows: readonly R[] | undefined, id: (row: R) => string) {
  if (!rows) return undefined;
  const known = new Map(rows.map((row) => [id(row), row]));
  return (row: R) => known.get(id(row));
}

/** The parts of a ring: the largest seven, and one for what is left. */
function partsOf<R>(
  rows: readonly R[],
  id: (row: R) => string,
  name: (row: R) => string,
  value: (row: R) => number,
  open: (row: R) => void,
  others: (count: number) => string,
  before?: (row: R) => R | undefined,
): DonutPart[] {
  const { largest, rest, restTotal } = largestSeven(rows, value);
  const amount = (row: R | undefined) => (row === undefined ? 0 : value(row));
  return [
    ...largest.map((row, index) => ({
      key: id(row),
      name: name(row),
      value: value(row),
      tone: toneAt(index),
      before: before && amount(before(row)),
      onOpen: () => open(row),
    })),
    ...(rest.length > 0
      ? [{ key: "other", name: others(rest.length), value: restTotal, tone: "other" as const }]
      : []),
  ];
}

export function ProductPerformance() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const { filter, compare, drill } = useAnalytics();
  const query = useQuery(chartOptions<Products>("product-performance", filter, compare));
  const open = (row: ProductFigures) => drill("product-staff", row.product_id);
  const before = finder(query.data?.previous?.product_data, (row) => row.product_id);
  const columns: ChartColumn<ProductFigures>[] = [
    the.product(),
    { key: "ndp", label: t("analytics.ndp_deposits"), unit: "count", value: (row) => row.ndp_count },
    { key: "rdp", label: t("analytics.rdp_deposits"), unit: "count", value: (row) => row.rdp_count },
    { key: "count", label: t("analytics.deposits"), unit: "count", value: (row) => row.total_count },
    { key: "share", label: t("analytics.ndp_share"), unit: "percent", value: (row) => row.ndp_percentage },
    { key: "amount", label: t("analytics.amount"), unit: "money", value: (row) => row.total_amount },
    ...the.before<ProductFigures>("count", (row) => before?.(row)?.total_count ?? 0),
  ];
  return (
    <Chart
      query={query}
      rows={(data) => data.product_data}
      rowKey={(row) => row.product_id}
      columns={columns}
      isEmpty={(data) => data.product_data.every((row) => row.total_count === 0)}
      onOpen={open}
    >
      {(_data, rows) => (
        <DonutChart
          label={t("analytics.charts.product-performance.title")}
          unit="count"
          whole={t("analytics.deposits")}
          parts={partsOf(
            rows,
            (row) => row.product_id,
            (row) => row.product_name,
            (row) => row.total_count,
            open,
            (count) => t("analytics.others", { count }),
            before,
          )}
        />
      )}
    </Chart>
  );
}

export function OmsetByProduct() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const { filter, compare, drill } = useAnalytics();
  const query = useQuery(chartOptions<Business>("business", filter, compare));
  const open = (row: ProductOmset) => drill("product-staff", row.product_id);
  const series: Series<ProductOmset>[] = [
    { key: "total", label: t("analytics.omset"), tone: 1, unit: "money", value: (row) => row.total },
  ];
  const before = finder(query.data?.previous?.product_omset, (row) => row.product_id);
  return (
    <Chart
      query={query}
      rows={(data) => data.product_omset}
      rowKey={(row) => row.product_id}
      columns={[
        the.product(),
        ...series,
        { key: "share", label: t("analytics.share"), unit: "percent", value: (row) => row.share },
        { key: "count", label: t("analytics.deposits"), unit: "count", value: (row) => row.count },
        { key: "ndp", label: "NDP", unit: "count", value: (row) => row.ndp },
        { key: "rdp", label: "RDP", unit: "count", value: (row) => row.rdp },
        ...the.before<ProductOmset>("money", (row) => before?.(row)?.total ?? 0),
      ]}
      isEmpty={(data) => data.product_omset.every((row) => row.count === 0)}
      onOpen={open}
    >
      {(_data, rows) => (
        <BarChart
          label={t("analytics.charts.omset-by-product.title")}
          rows={rows}
          rowKey={(row) => row.product_id}
          name={(row) => row.product_name}
          series={series}
          before={before}
          onOpen={open}
        />
      )}
    </Chart>
  );
}

export function CustomerValueComparison() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const figures = useFigures();
  const { filter, compare, drill } = useAnalytics();
  const query = useQuery(chartOptions<CustomerValue>("customer-value-comparison", filter, compare));
  const open = (row: StaffValue) => drill("staff-customers", row.staff_id);
  const series: Series<StaffValue>[] = [
    { key: "ndp_amount", label: "NDP", tone: "ndp", unit: "money", value: (row) => row.ndp_amount },
    { key: "rdp_amount", label: "RDP", tone: "rdp", unit: "money", value: (row) => row.rdp_amount },
  ];
  const share = (row: StaffValue) =>
    t("analytics.ndp_share_of", { value: figures.full(row.ndp_share, "percent") });
  return (
    <Chart
      query={query}
      rows={(data) => data.staff_data}
      rowKey={(row) => row.staff_id}
      columns={[
        the.staff(),
        { key: "ndp", label: t("analytics.ndp_amount"), unit: "money", value: (row) => row.ndp_amount },
        { key: "rdp", label: t("analytics.rdp_amount"), unit: "money", value: (row) => row.rdp_amount },
        { key: "total", label: t("analytics.amount"), unit: "money", value: (row) => row.total_amount },
        { key: "share", label: t("analytics.ndp_share"), unit: "percent", value: (row) => row.ndp_share },
        { key: "avg_ndp", label: t("analytics.avg_ndp"), unit: "money", value: (row) => row.avg_ndp },
        { key: "avg_rdp", label: t("analytics.avg_rdp"), unit: "money", value: (row) => row.avg_rdp },
      ]}
      isEmpty={({ summary }) => summary.total_amount === 0}
      onOpen={open}
    >
      {(data, rows) => (
        <div className="grid gap-3">
          <Share
            label={t("analytics.ndp_share")}
            value={data.summary.ndp_share}
            before={data.previous?.summary.ndp_share}
            percent
          />
          <BarChart
            label={t("analytics.charts.customer-value-comparison.title")}
            rows={rows}
            rowKey={(row) => row.staff_id}
            name={(row) => row.staff_name}
            series={series}
            stacked
            before={finder(data.previous?.staff_data, (row) => row.staff_id)}
            aside={(row) => <span className="whitespace-nowrap text-muted text-xs">{share(row)}</span>}
            onOpen={open}
          />
        </div>
      )}
    </Chart>
  );
}

const POOL_PAGES = { normal: "/databases/$id", memberwd: "/member-wd/$id", bonanza: "/bonanza/$id" } as const;

export function DatabaseUtilization() {
  const { t } = useTranslation();
  const the = useChartColumns();
  const figures = useFigures();
  const { filter, compare } = useAnalytics();
  const navigate = useNavigate();
  const query = useQuery(chartOptions<Business>("business", filter, compare));
  const open = (row: DatabaseUse) =>
    void navigate({ to: POOL_PAGES[row.module as keyof typeof POOL_PAGES], params: { id: row.database_id } });
  const series: Series<DatabaseUse>[] = [
    {
      key: "utilization",
      label: t("analytics.used"),
      tone: 3,
      unit: "percent",
      value: (row) => row.utilization,
    },
  ];
  const counts = [
    ["total", "total_records"],
    ["assigned", "assigned_count"],
    ["available", "available_count"],
    ["archived", "archived_count"],
  ] as const;
  return (
    <Chart
      query={query}
      rows={(data) => data.database_utilization}
      rowKey={(row) => row.database_id}
      columns={[
        { key: "database", label: t("analytics.database"), value: (row) => row.database_name },
        the.product(),
        ...counts.map(([name, field]) => ({
          key: name,
          label: t(`analytics.records.${name}`),
          unit: "count" as const,
          value: (row: DatabaseUse) => row[field],
        })),
        ...series,
      ]}
      onOpen={open}
    >
      {(_data, rows) => (
        <BarChart
          label={t("analytics.charts.database-utilisation.title")}
          rows={rows}
          rowKey={(row) => row.database_id}
          name={(row) => row.database_name}
          series={series}
          most={100}
          aside={(row) => (
            <span className="tabular whitespace-nowrap text-muted text-xs">
              {t("analytics.records_of", {
                assigned: figures.full(row.assigned_count, "count"),
                total: figures.full(row.total_records, "count"),
              })}
            </span>
          )}
          onOpen={open}
        />
      )}
    </Chart>
  );
}
