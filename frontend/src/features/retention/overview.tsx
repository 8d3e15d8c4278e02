import { useQuery } from "@tanstack/react-query";
import { Banknote, HeartHandshake, ReceiptText, Repeat, Sprout, Undo2, UsersRound } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { BarChart, ChartCard, StackedBarChart, useFigures } from "@/components/charts";
import { EmptyState, ErrorState, StaleNote, StatTile } from "@/components/feedback";
import type { TableSearch } from "@/lib/table-search";
import { byProductOptions, byStaffOptions, summaryOptions, trendOptions } from "./api";
import { LoyaltyBadge } from "./badges";
import { CohortCard } from "./cohorts";
import { CustomerName } from "./columns";
import type { RetentionSearch } from "./search";
import type { RetentionDay, RetentionSummary } from "./types";

type Search = TableSearch<RetentionSearch>;
type Group = {
  ndp_customers: number;
  rdp_customers: number;
  retention_rate: number | null;
  returned_rate: number | null;
};

/** The figures of a range: tiles with what they mean, days, products, staff, first months, the most loyal. */
export function Overview({ search }: { search: Search }) {
  const manages = useCan()("retention.team");
  return (
    <div className="grid gap-4">
      <Tiles search={search} />
      <div className="grid gap-4 xl:grid-cols-2">
        <Trend search={search} />
        <CohortCard search={search} />
        <ByProductCard search={search} />
        {manages && <ByStaffCard search={search} />}
        <TopLoyal search={search} />
      </div>
    </div>
  );
}

function Tiles({ search }: { search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const figures = useFigures();
  const query = useQuery(summaryOptions(search.values));
  const { data } = query;
  if (data === undefined && query.isError) {
    return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  }
  const show = (value: (data: RetentionSummary) => ReactNode) => (data === undefined ? "–" : value(data));
  const open = (kind?: "ndp" | "rdp") => () => search.set({ tab: "customers", kind });
  return (
    <section aria-label={t("retention.tabs.figures")} className="grid gap-2">
      {query.isError && <StaleNote error={query.error} onRetry={() => query.refetch()} />}
      {data && (
        <p className="text-muted text-sm">
          {t("retention.range", {
            from: format.day(data.date_range.start_date),
            until: format.day(data.date_range.end_date),
          })}
        </p>
      )}
      <div className="grid grid-cols-1 gap-2 sm:grid-cols-2 lg:grid-cols-4">
        <StatTile
          icon={UsersRound}
          label={t("retention.tiles.customers")}
          hint={t("retention.tiles.customers_definition")}
          value={show((one) => format.number(one.total_customers))}
          loading={query.isPending}
          onPress={open()}
        />
        <StatTile
          icon={Sprout}
          label={t("retention.tiles.ndp")}
          hint={t("retention.tiles.ndp_definition")}
          value={show((one) => format.number(one.ndp_customers))}
          loading={query.isPending}
          onPress={open("ndp")}
        />
        <StatTile
          icon={Repeat}
          label={t("retention.tiles.rdp")}
          hint={t("retention.tiles.rdp_definition")}
          value={show((one) => format.number(one.rdp_customers))}
          loading={query.isPending}
          onPress={open("rdp")}
        />
        <StatTile
          icon={HeartHandshake}
          label={t("retention.tiles.retention_rate")}
          hint={t("retention.tiles.retention_rate_definition")}
          value={show((one) => figures.full(one.retention_rate, "percent"))}
          loading={query.isPending}
        />
        <StatTile
          icon={Undo2}
          label={t("retention.tiles.returned_rate")}
          hint={t("retention.tiles.returned_rate_definition")}
          value={show((one) => figures.full(one.returned_rate, "percent"))}
          loading={query.isPending}
        />
        <StatTile
          icon={ReceiptText}
          label={t("retention.tiles.deposits")}
          hint={show((one) =>
            t("retention.tiles.per_customer", {
              value: figures.full(one.avg_deposits_per_customer, "count"),
            }),
          )}
          value={show((one) => format.number(one.total_deposits))}
          loading={query.isPending}
        />
        <StatTile
          icon={Banknote}
          label={t("retention.tiles.omset")}
          hint={show((one) =>
            t("retention.tiles.per_customer", { value: figures.full(one.avg_omset_per_customer, "money") }),
          )}
          value={show((one) => format.number(one.total_omset))}
          loading={query.isPending}
        />
      </div>
    </section>
  );
}

function Trend({ search }: { search: Search }) {
  const { t } = useTranslation();
  const query = useQuery(trendOptions(search.values));
  return (
    <ChartCard
      id="retention-trend"
      title={t("retention.charts.trend")}
      definition={t("retention.charts.trend_definition")}
      query={query}
      rows={(data) => data.trend}
      isEmpty={(data) => data.trend.every((row) => row.total_customers === 0)}
      rowKey={(row) => row.date}
      columns={[
        { key: "date", label: t("retention.day"), value: (row) => row.date },
        { key: "ndp", label: t("retention.kind.ndp"), unit: "count", value: (row) => row.ndp_customers },
        { key: "rdp", label: t("retention.kind.rdp"), unit: "count", value: (row) => row.rdp_customers },
        {
          key: "deposits",
          label: t("retention.deposits"),
          unit: "count",
          value: (row) => row.total_deposits,
        },
        { key: "omset", label: t("retention.omset"), unit: "money", value: (row) => row.total_omset },
      ]}
      empty={{ icon: UsersRound, title: t("retention.empty.figures") }}
    >
      {(_, rows) => (
        <StackedBarChart<RetentionDay>
          label={t("retention.charts.trend")}
          rows={rows}
          at={(row) => row.date}
          series={[
            {
              key: "ndp",
              label: t("retention.kind.ndp"),
              tone: "ndp",
              unit: "count",
              value: (row) => row.ndp_customers,
            },
            {
              key: "rdp",
              label: t("retention.kind.rdp"),
              tone: "rdp",
              unit: "count",
              value: (row) => row.rdp_customers,
            },
          ]}
        />
      )}
    </ChartCard>
  );
}

/** The NDP and RDP customers of some groups, and their rates in the table and the file. */
function useGroupColumns<R extends Group>() {
  const { t } = useTranslation();
  return {
    columns: [
      {
        key: "ndp",
        label: t("retention.kind.ndp"),
        unit: "count" as const,
        value: (row: R) => row.ndp_customers,
      },
      {
        key: "rdp",
        label: t("retention.kind.rdp"),
        unit: "count" as const,
        value: (row: R) => row.rdp_customers,
      },
      {
        key: "retention_rate",
        label: t("retention.tiles.retention_rate"),
        unit: "percent" as const,
        value: (row: R) => row.retention_rate,
      },
      {
        key: "returned_rate",
        label: t("retention.tiles.returned_rate"),
        unit: "percent" as const,
        value: (row: R) => row.returned_rate,
      },
    ],
    series: [
      {
        key: "ndp",
        label: t("retention.kind.ndp"),
        tone: "ndp" as const,
        unit: "count" as const,
        value: (row: R) => row.ndp_customers,
      },
      {
        key: "rdp",
        label: t("retention.kind.rdp"),
        tone: "rdp" as const,
        unit: "count" as const,
        value: (row: R) => row.rdp_customers,
      },
    ],
  };
}

function ByProductCard({ search }: { search: Search }) {
  const { t } = useTranslation();
  const figures = useFigures();
  const query = useQuery(byProductOptions(search.values));
  const { columns, series } = useGroupColumns<Group>();
  return (
    <ChartCard
      id="retention-by-product"
      title={t("retention.charts.by_product")}
      definition={t("retention.charts.by_product_definition")}
      query={query}
      rows={(data) => data.products}
      rowKey={(row) => row.product_id}
      columns={[
        { key: "product", label: t("retention.product"), value: (row) => row.product_name },
        ...columns,
      ]}
      empty={{ icon: UsersRound, title: t("retention.empty.figures") }}
      onOpen={(row) => search.set({ tab: "customers", product_id: row.product_id })}
    >
      {(_, rows) => (
        <BarChart
          label={t("retention.charts.by_product")}
          rows={rows}
          rowKey={(row) => row.product_id}
          name={(row) => row.product_name}
          aside={(row) => figures.full(row.retention_rate, "percent")}
          stacked
          series={series}
          onOpen={(row) => search.set({ tab: "customers", product_id: row.product_id })}
        />
      )}
    </ChartCard>
  );
}

function ByStaffCard({ search }: { search: Search }) {
  const { t } = useTranslation();
  const figures = useFigures();
  const query = useQuery(byStaffOptions(search.values));
  const { columns, series } = useGroupColumns<Group>();
  return (
    <ChartCard
      id="retention-by-staff"
      title={t("retention.charts.by_staff")}
      definition={t("retention.charts.by_staff_definition")}
      query={query}
      rows={(data) => data.staff}
      rowKey={(row) => row.staff_id}
      columns={[{ key: "staff", label: t("retention.staff"), value: (row) => row.staff_name }, ...columns]}
      empty={{ icon: UsersRound, title: t("retention.empty.figures") }}
      onOpen={(row) => search.set({ tab: "customers", staff_id: row.staff_id })}
    >
      {(_, rows) => (
        <BarChart
          label={t("retention.charts.by_staff")}
          rows={rows}
          rowKey={(row) => row.staff_id}
          name={(row) => row.staff_name}
          aside={(row) => figures.full(row.retention_rate, "percent")}
          stacked
          series={series}
          onOpen={(row) => search.set({ tab: "customers", staff_id: row.staff_id })}
        />
      )}
    </ChartCard>
  );
}

function TopLoyal({ search }: { search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(summaryOptions(search.values));
  return (
    <ChartCard
      id="retention-top-loyal"
      title={t("retention.charts.top_loyal")}
      definition={t("retention.charts.top_loyal_definition")}
      query={query}
      rows={(data) => data.top_loyal_customers}
      rowKey={(row) => `${row.product_id} ${row.customer_key}`}
      columns={[
        { key: "customer", label: t("retention.customer"), value: (row) => row.customer_id },
        { key: "product", label: t("retention.product"), value: (row) => row.product_name },
        {
          key: "deposits",
          label: t("retention.deposits"),
          unit: "count",
          value: (row) => row.total_deposits,
        },
        { key: "omset", label: t("retention.omset"), unit: "money", value: (row) => row.total_omset },
        { key: "score", label: t("retention.loyalty"), unit: "count", value: (row) => row.loyalty_score },
      ]}
      empty={{ icon: UsersRound, title: t("retention.empty.figures") }}
    >
      {(_, rows) =>
        rows.length === 0 ? (
          <EmptyState icon={UsersRound} title={t("retention.empty.figures")} />
        ) : (
          <ol className="divide-y divide-border" aria-label={t("retention.charts.top_loyal")}>
            {rows.map((row) => (
              <li
                key={`${row.product_id} ${row.customer_key}`}
                className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2 text-sm"
              >
                <span className="grid min-w-0">
                  <CustomerName row={row} />
                  <span className="break-words text-muted text-xs">{row.product_name}</span>
                </span>
                <span className="flex items-center gap-3">
                  <span className="tabular text-muted text-xs">
                    {t("retention.deposits_of", { count: row.total_deposits })} ·{" "}
                    {format.number(row.total_omset)}
                  </span>
                  <LoyaltyBadge badge={row.badge} score={row.loyalty_score} />
                </span>
              </li>
            ))}
          </ol>
        )
      }
    </ChartCard>
  );
}
