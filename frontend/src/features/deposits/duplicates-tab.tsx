import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { UsersRound } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { columnHelper, DataTable } from "@/components/data-table";
import type { TableSearch } from "@/lib/table-search";
import { duplicatesOptions } from "./api";
import { Money } from "./badges";
import { DepositFilters } from "./choices";
import type { ReviewSearch } from "./search";
import type { DuplicateGroup, Duplicates } from "./types";

const asPage = ({ duplicates, total_duplicates }: Duplicates) => ({
  items: duplicates,
  total: total_duplicates,
  nextCursor: null,
});

/** Customers of a product with deposits of two or more staff; nothing is wrong with that by itself (spec 4.2). */
export function DuplicatesTab({ search }: { search: TableSearch<ReviewSearch> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { product_id, start_date, end_date } = search.values;
  const options = duplicatesOptions({ product_id, start_date, end_date });
  const whole = useQuery(options).data;
  const query = useQuery({ ...options, select: asPage });
  const columns = useMemo(() => groupColumns(t, format), [t, format]);
  return (
    <>
      {whole && whole.total_duplicates > 0 && (
        <p className="mb-3 text-muted text-sm">
          {t("deposits.duplicates.found", {
            count: whole.total_duplicates,
            formatted: format.number(whole.total_duplicates),
            records: format.number(whole.total_records_involved),
          })}
          {whole.duplicates.length < whole.total_duplicates &&
            ` ${t("deposits.duplicates.shown", { number: format.number(whole.duplicates.length) })}`}
        </p>
      )}
      <DataTable
        id="deposits-duplicates"
        label={t("deposits.review.duplicates")}
        columns={columns}
        query={query}
        search={search as TableSearch}
        getRowId={(row) => `${row.product_id}:${row.customer_key}`}
        filters={<DepositFilters withStaff={false} values={search.values} onChange={search.set} />}
        empty={{
          icon: UsersRound,
          title: t("deposits.empty.duplicates"),
          description: t("deposits.empty.duplicates_hint"),
        }}
      />
    </>
  );
}

function groupColumns(t: TFunction, format: ReturnType<typeof useFormat>) {
  const column = columnHelper<DuplicateGroup>();
  return [
    column("customer", {
      label: t("deposits.customer"),
      card: "title",
      hideable: false,
      className: "min-w-40",
      cell: (row) => <span className="break-words font-medium">{row.customer_id}</span>,
    }),
    column("product", {
      label: t("deposits.product"),
      cell: (row) => <span className="break-words">{row.product_name}</span>,
    }),
    column("staff", {
      label: t("deposits.staff"),
      className: "min-w-56",
      cell: (row) => (
        <ul className="grid gap-0.5">
          {row.staff.map((person) => (
            <li key={person.staff_id} className="flex flex-wrap justify-between gap-x-3">
              <span className="break-words">{person.staff_name}</span>
              <span className="tabular text-muted text-xs">
                {t("deposits.duplicates.of", {
                  count: person.record_count,
                  formatted: format.number(person.record_count),
                  amount: format.number(person.total_depo),
                })}
              </span>
            </li>
          ))}
        </ul>
      ),
    }),
    column("count", {
      label: t("deposits.forms"),
      align: "end",
      cell: (row) => format.number(row.record_count),
    }),
    column("total", {
      label: t("deposits.total"),
      align: "end",
      cell: (row) => <Money value={row.total_depo} className="font-medium" />,
    }),
  ];
}
