import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { serverTimeOptions, useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { FilterBar, FilterSelect } from "@/components/data-table";
import { EmptyState, ErrorState, StaleNote, StatTile } from "@/components/feedback";
import { Skeleton } from "@/components/ui/surface";
import { ExportButton } from "@/features/exports";
import type { TableSearch } from "@/lib/table-search";
import { type Range, summaryOptions } from "./api";
import { Breakdown } from "./breakdown";
import { DepositFilters } from "./choices";
import { PRESETS, type Preset, presetRange } from "./days";
import type { DepositsSearch } from "./search";
import type { Summary } from "./types";

/** What counts between two days: in all, by day, by staff, by product (spec 4.2). This month unless days are named. */
export function SummaryTab({ search }: { search: TableSearch<DepositsSearch> }) {
  const { t } = useTranslation();
  const today = useQuery(serverTimeOptions).data?.today;
  const { product_id, staff_id, start_date, end_date } = search.values;
  const month = today ? presetRange("month", today) : undefined;
  const named = start_date !== undefined || end_date !== undefined;
  const range: Range = { product_id, staff_id, ...(named ? { start_date, end_date } : month) };
  const query = useQuery({ ...summaryOptions(range), enabled: today !== undefined });
  const preset =
    today &&
    PRESETS.find((name) => {
      const days = presetRange(name, today);
      return days.start_date === range.start_date && days.end_date === range.end_date;
    });
  return (
    <>
      <FilterBar actions={<ExportButton kind="omset-summary" filters={{ ...range }} />}>
        <FilterSelect
          label={t("deposits.period")}
          value={preset || undefined}
          onChange={(name) => {
            if (!name || !today) search.set({ start_date: undefined, end_date: undefined });
            else search.set(presetRange(name as Preset, today));
          }}
          all={t(named ? "deposits.presets.custom" : "deposits.presets.month")}
          options={PRESETS.map((name) => ({ value: name, label: t(`deposits.presets.${name}`) }))}
        />
        <DepositFilters values={{ ...range }} onChange={(patch) => search.set({ ...range, ...patch })} />
      </FilterBar>
      {query.data ? (
        <>
          {query.isError && <StaleNote error={query.error} onRetry={() => query.refetch()} />}
          <Figures summary={query.data} faded={query.isPlaceholderData} />
        </>
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      ) : (
        <div aria-busy className="grid gap-3">
          <Skeleton className="h-20" />
          <Skeleton className="h-64" />
        </div>
      )}
    </>
  );
}

function Figures({ summary, faded }: { summary: Summary; faded: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const manages = useCan()("deposits.manage");
  const { total, daily, by_staff, by_product, unique_customers } = summary;
  const unique = (kind: "unique_ndp_count" | "unique_rdp_count") => {
    const count = unique_customers.reduce((sum, row) => sum + row[kind], 0);
    return t("deposits.unique", { count, formatted: format.number(count) });
  };
  return (
    <div className={faded ? "opacity-60" : undefined}>
      <section aria-label={t("deposits.totals")} className="mb-5 grid grid-cols-2 gap-2 md:grid-cols-4">
        <StatTile
          label={t("deposits.total")}
          value={format.number(total.total_depo)}
          hint={t("deposits.before_times", { amount: format.number(total.total_nominal) })}
        />
        <StatTile
          label="NDP"
          value={format.number(total.total_ndp)}
          hint={`${format.number(total.ndp_total)} · ${unique("unique_ndp_count")}`}
        />
        <StatTile
          label="RDP"
          value={format.number(total.total_rdp)}
          hint={`${format.number(total.rdp_total)} · ${unique("unique_rdp_count")}`}
        />
        <StatTile label={t("deposits.forms")} value={format.number(total.total_records)} />
      </section>
      {total.total_records === 0 ? (
        <EmptyState title={t("deposits.empty.range")} description={t("deposits.empty.range_hint")} />
      ) : (
        <div className="grid items-start gap-5 xl:grid-cols-2">
          <Breakdown
            title={t("deposits.by_day")}
            rows={[...daily]
              .sort((a, b) => b.date.localeCompare(a.date))
              .map((row) => ({ id: row.date, name: format.day(row.date), ...row }))}
          />
          <div className="grid gap-5">
            {manages && (
              <Breakdown
                title={t("deposits.by_staff")}
                rows={by_staff.map((row) => ({ id: row.staff_id, name: row.staff_name, ...row }))}
              />
            )}
            <Breakdown
              title={t("deposits.by_product")}
              rows={by_product.map((row) => ({ id: row.product_id, name: row.product_name, ...row }))}
            />
          </div>
        </div>
      )}
    </div>
  );
}
