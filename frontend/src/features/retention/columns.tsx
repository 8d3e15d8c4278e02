import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import type { useFormat } from "@/api/server-time";
import { columnHelper, PhoneCell } from "@/components/data-table";
import { TypeBadge } from "@/features/deposits";
import { LoyaltyBadge, RiskBadge } from "./badges";
import type { ListedCustomer, QuietCustomer, RetentionAlert } from "./types";

type Format = ReturnType<typeof useFormat>;
type Shown = ListedCustomer | QuietCustomer;

/** Who it is; the name leads to everything about them. */
export function CustomerName({
  row,
}: {
  row: Pick<Shown, "customer_key" | "customer_id" | "customer_name">;
}) {
  return (
    <span className="grid">
      <Link
        to="/customers/$key"
        params={{ key: row.customer_key }}
        className="break-words rounded font-medium hover:underline"
      >
        {row.customer_id}
      </Link>
      {row.customer_name && (
        <span className="break-words font-normal text-muted text-xs">{row.customer_name}</span>
      )}
    </span>
  );
}

function shared<T extends Shown>(t: TFunction, format: Format, withStaff: boolean) {
  const column = columnHelper<T>();
  return {
    column,
    customer: column("customer", {
      label: t("retention.customer"),
      card: "title",
      hideable: false,
      className: "min-w-36",
      cell: (row) => <CustomerName row={row} />,
    }),
    product: column("product", {
      label: t("retention.product"),
      cell: (row) => <span className="break-words">{row.product_name}</span>,
    }),
    staff: withStaff
      ? [
          column("staff", {
            label: t("retention.staff"),
            cell: (row) => <span className="break-words">{row.staff_name}</span>,
          }),
        ]
      : [],
    deposits: column("total_deposits", {
      label: t("retention.deposits"),
      align: "end",
      cell: (row) => format.number(row.total_deposits),
    }),
    omset: column("total_omset", {
      label: t("retention.omset"),
      align: "end",
      cell: (row) => format.number(row.total_omset),
    }),
    last: column("last_deposit_date", {
      label: t("retention.last_deposit"),
      className: "whitespace-nowrap",
      cell: (row) => (
        <span className="grid">
          <time dateTime={row.last_deposit_date}>{format.day(row.last_deposit_date)}</time>
          <span className="text-muted text-xs">
            {t("retention.days_ago", { count: row.days_since_deposit })}
          </span>
        </span>
      ),
    }),
    loyalty: column("loyalty_score", {
      label: t("retention.loyalty"),
      cell: (row) => <LoyaltyBadge badge={row.badge} score={row.loyalty_score} />,
    }),
  };
}

/** Columns of the customers of a range. */
export function customerColumns(t: TFunction, format: Format, withStaff: boolean) {
  const { column, customer, product, staff, ...rest } = shared<ListedCustomer>(t, format, withStaff);
  const type = column("type", {
    label: t("retention.type"),
    cell: (row) => <TypeBadge type={row.customer_type} />,
  });
  return [customer, product, ...staff, type, rest.deposits, rest.omset, rest.last, rest.loyalty];
}

/** Columns of those who have not deposited for days; `withRisk` where they may still be kept. */
export function quietColumns<T extends QuietCustomer>(
  t: TFunction,
  format: Format,
  { withStaff, withRisk }: { withStaff: boolean; withRisk: boolean },
) {
  const { column, customer, product, staff, ...rest } = shared<T>(t, format, withStaff);
  const phone = column("phone", {
    label: t("retention.phone"),
    cell: (row) => (
      <span className="grid">
        <PhoneCell phone={row.phone_number} />
        {row.matched_source && <span className="break-words text-muted text-xs">{row.matched_source}</span>}
      </span>
    ),
  });
  const rhythm = column("rhythm", {
    label: t("retention.rhythm"),
    align: "end",
    cell: (row) =>
      row.avg_days_between_deposits === null
        ? "–"
        : t("retention.every_days", { value: format.number(row.avg_days_between_deposits) }),
  });
  const risk = withRisk
    ? [
        column("risk", {
          label: t("retention.risk_level"),
          cell: (row) => <RiskBadge level={(row as unknown as RetentionAlert).risk_level} />,
        }),
      ]
    : [];
  return [
    customer,
    phone,
    product,
    ...staff,
    ...risk,
    rest.last,
    rhythm,
    rest.deposits,
    rest.omset,
    rest.loyalty,
  ];
}
