import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { DataTable, FilterSelect } from "@/components/data-table";
import type { TableSearch } from "@/lib/table-search";
import { customersOptions, lostOptions } from "./api";
import { customerColumns, quietColumns } from "./columns";
import { RetentionFilters } from "./filters";
import { KINDS, type RetentionSearch, SORTS } from "./search";
import type { QuietCustomer } from "./types";

/** Everybody of a range, or only the loyal ones. */
export function CustomersTable({
  list,
  search,
}: {
  list: "loyal" | "customers";
  search: TableSearch<RetentionSearch>;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const manages = useCan()("retention.team");
  const query = useQuery(customersOptions(search.values));
  const usual = list === "loyal" ? "loyalty" : "deposits";
  const columns = useMemo(() => customerColumns(t, format, manages), [t, format, manages]);
  return (
    <DataTable
      id={`retention-${list}`}
      label={t(`retention.tabs.${list}`)}
      columns={columns}
      query={query}
      search={search}
      getRowId={(row) => `${row.product_id} ${row.customer_key}`}
      searchLabel={t("retention.search")}
      filters={
        <>
          {list === "customers" && (
            <FilterSelect
              label={t("retention.type")}
              value={search.values.kind}
              onChange={(kind) => search.set({ kind: KINDS.find((known) => known === kind) })}
              all={t("retention.all_types")}
              options={KINDS.map((kind) => ({ value: kind, label: t(`retention.kind.${kind}`) }))}
            />
          )}
          <FilterSelect
            label={t("retention.sort")}
            value={search.values.by}
            onChange={(by) => search.set({ by: SORTS.find((known) => known === by) })}
            all={t(`retention.sorts.${usual}`)}
            options={SORTS.filter((sort) => sort !== usual).map((sort) => ({
              value: sort,
              label: t(`retention.sorts.${sort}`),
            }))}
          />
          <RetentionFilters search={search} withDays />
        </>
      }
      empty={{ title: t(`retention.empty.${list}`), description: t("retention.empty.days_hint") }}
    />
  );
}

/** Who has not deposited for more than thirty days, whoever left last first. */
export function LostTable({ search }: { search: TableSearch<RetentionSearch> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const manages = useCan()("retention.team");
  const query = useQuery(lostOptions(search.values));
  const columns = useMemo(
    () => quietColumns<QuietCustomer>(t, format, { withStaff: manages, withRisk: false }),
    [t, format, manages],
  );
  return (
    <DataTable
      id="retention-lost"
      label={t("retention.tabs.lost")}
      columns={columns}
      query={query}
      search={search}
      getRowId={(row) => `${row.product_id} ${row.customer_key}`}
      filters={<RetentionFilters search={search} />}
      empty={{ title: t("retention.empty.lost"), description: t("retention.empty.lost_hint") }}
    />
  );
}
