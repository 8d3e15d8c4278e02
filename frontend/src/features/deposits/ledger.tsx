import { useQuery } from "@tanstack/react-query";
import { ReceiptText } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FilterSelect } from "@/components/data-table";
import { ExportButton } from "@/features/exports";
import type { TableSearch } from "@/lib/table-search";
import { depositsOptions } from "./api";
import { DepositFilters } from "./choices";
import { DepositsTable } from "./deposits-table";
import { type DepositsSearch, STATUSES, TYPES } from "./search";

/** Every deposit one may see, filtered by what the address says (spec 4.2). */
export function Ledger({ search }: { search: TableSearch<DepositsSearch> }) {
  const { t } = useTranslation();
  const { product_id, staff_id, start_date, end_date, status, type } = search.values;
  const filter = { product_id, staff_id, start_date, end_date, status, customer_type: type };
  const query = useQuery(depositsOptions(search.values, filter));
  return (
    <DepositsTable
      id="deposits"
      label={t("deposits.tabs.ledger")}
      query={query}
      search={search as TableSearch}
      searchLabel={t("deposits.search")}
      filters={
        <>
          <DepositFilters values={search.values} onChange={search.set} />
          <FilterSelect
            label={t("deposits.state")}
            value={status}
            onChange={(value) => search.set({ status: value as DepositsSearch["status"] })}
            all={t("deposits.status.usual")}
            options={STATUSES.map((value) => ({ value, label: t(`deposits.status.${value}`) }))}
          />
          <FilterSelect
            label={t("deposits.type")}
            value={type}
            onChange={(value) => search.set({ type: value as DepositsSearch["type"] })}
            all={t("deposits.all_types")}
            options={TYPES.map((value) => ({ value, label: value }))}
          />
        </>
      }
      actions={
        <ExportButton
          kind="omset"
          filters={{ ...filter, q: search.values.q }}
          hint={status ? undefined : t("exports.dialog.counts_only")}
        />
      }
      empty={{
        icon: ReceiptText,
        title: t("deposits.empty.ledger"),
        description: t("deposits.empty.ledger_hint"),
      }}
    />
  );
}
