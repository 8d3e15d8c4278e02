import type { TFunction } from "i18next";
import type { useFormat } from "@/api/server-time";
import { columnHelper } from "@/components/data-table";
import { cn } from "@/lib/cn";
import { DepositBadges, Money } from "./badges";
import type { Deposit } from "./types";

export type DepositColumns = {
  /** Where the list is of several days. */
  withDay?: boolean;
  withProduct?: boolean;
  withStaff?: boolean;
  /** What else is worth a column, before the money. */
  more?: "conflict" | "deleted";
};

export function Customer({ deposit }: { deposit: Deposit }) {
  return (
    <span className="grid">
      <span className="break-words font-medium">{deposit.customer_id}</span>
      {deposit.customer_name && (
        <span className="break-words font-normal text-muted text-xs">{deposit.customer_name}</span>
      )}
    </span>
  );
}

/** Columns of a list of deposits. */
export function depositColumns(
  t: TFunction,
  format: ReturnType<typeof useFormat>,
  {
    withDay,
    withProduct,
    withStaff,
    more,
    conflictText,
  }: DepositColumns & { conflictText: (deposit: Deposit) => string | null },
) {
  const column = columnHelper<Deposit>();
  // With the reason beside it, what a decision does not need makes room for the button; a row's own sheet tells it all.
  const spare = more === "conflict" ? "max-xl:hidden" : undefined;
  const words = (id: string, label: string, value: (row: Deposit) => string) =>
    column(id, { label, cell: (row) => <span className="break-words">{value(row)}</span> });
  return [
    ...(withDay
      ? [
          column("day", {
            label: t("deposits.day"),
            className: "whitespace-nowrap",
            cell: (row) => <time dateTime={row.record_date}>{format.day(row.record_date)}</time>,
          }),
        ]
      : []),
    column("customer", {
      label: t("deposits.customer"),
      card: "title",
      hideable: false,
      className: "min-w-40",
      cell: (row) => <Customer deposit={row} />,
    }),
    ...(withProduct ? [words("product", t("deposits.product"), (row) => row.product_name)] : []),
    ...(withStaff ? [words("staff", t("deposits.staff"), (row) => row.staff_name)] : []),
    column("type", { label: t("deposits.type"), cell: (row) => <DepositBadges deposit={row} /> }),
    ...(more === "conflict"
      ? [words("conflict", t("deposits.waits_because"), (row) => conflictText(row) ?? "–")]
      : []),
    ...(more === "deleted"
      ? [
          column("deleted", {
            label: t("deposits.deleted"),
            cell: (row) =>
              row.deleted_at && (
                <span className="grid">
                  <time dateTime={row.deleted_at} className="whitespace-nowrap">
                    {format.relative(row.deleted_at)}
                  </time>
                  <span className="break-words text-muted text-xs">{row.deleted_by_name}</span>
                </span>
              ),
          }),
        ]
      : []),
    column("note", {
      label: t("deposits.note"),
      className: cn("max-w-64", spare),
      cell: (row) => (
        <span className="grid text-muted">
          {row.decline_reason && (
            <span className="line-clamp-2 break-words">
              {t("deposits.decline_reason")}: {row.decline_reason}
            </span>
          )}
          <span className="line-clamp-2 break-words">
            {row.keterangan || (row.decline_reason ? "" : "–")}
          </span>
        </span>
      ),
    }),
    column("nominal", {
      label: t("deposits.nominal"),
      align: "end",
      className: spare,
      cell: (row) => <Money value={row.nominal} />,
    }),
    column("times", {
      label: t("deposits.times"),
      align: "end",
      className: spare,
      cell: (row) => (
        <span className={row.depo_kelipatan === 1 ? "text-muted" : undefined}>
          ×{format.number(row.depo_kelipatan)}
        </span>
      ),
    }),
    column("total", {
      label: t("deposits.total"),
      align: "end",
      cell: (row) => <Money value={row.depo_total} className="font-medium" />,
    }),
    column("booked", {
      label: t("deposits.booked"),
      startsHidden: true,
      cell: (row) => (
        <span className="grid">
          <time dateTime={row.created_at} className="whitespace-nowrap">
            {format.dateTime(row.created_at)}
          </time>
          <span className="break-words text-muted text-xs">{row.created_by_name}</span>
        </span>
      ),
    }),
  ];
}
