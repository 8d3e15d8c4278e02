import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import type { DrillQuery } from "./api";
import { useAnalytics } from "./context";
import { type DrillColumn, useDrillColumns } from "./drill-columns";
import { DrillTable } from "./drill-table";
import { DepositLink, Sum } from "./links";
import { bucketOf, weekdayOf } from "./marks";
import { PartFilter, partOf } from "./part-filter";
import type { CustomersDrill, DepositsDrill, ProductDrill } from "./types";

type OfProduct = ProductDrill["staff_breakdown"][number];
type OfStaff = CustomersDrill["customers"][number];
type Deposit = DepositsDrill["deposits"][number];

const staffOf = (body: ProductDrill) => body.staff_breakdown;
const customersOf = (body: CustomersDrill) => body.customers;
const depositsOf = (body: DepositsDrill) => body.deposits;

/** What each staff brought of one product. */
export function StaffOfProduct({ productId }: { productId: string }) {
  const { t } = useTranslation();
  const the = useDrillColumns();
  const { filter } = useAnalytics();
  const columns = useMemo<DrillColumn<OfProduct>[]>(
    () => [
      the.staff({ sort: "staff_name", card: "title" }),
      the.figure("ndp_count", t("analytics.ndp_deposits"), "count", "ndp_count"),
      the.figure("rdp_count", t("analytics.rdp_deposits"), "count", "rdp_count"),
      the.figure("total_count", t("analytics.deposits"), "count", "total_count"),
      the.figure("ndp_amount", t("analytics.ndp_amount"), "money"),
      the.figure("rdp_amount", t("analytics.rdp_amount"), "money"),
      the.figure("total_amount", t("analytics.amount"), "money", "total_amount"),
    ],
    [t, the],
  );
  return (
    <DrillTable<ProductDrill, OfProduct>
      what="product-staff"
      query={{ ...filter, product_id: productId }}
      label={t("analytics.staff")}
      rows={staffOf}
      rowId={(row) => row.staff_id}
      columns={columns}
      facts={(body) => <Sum label={t("analytics.staff")} value={body.total_staff} />}
    />
  );
}

/** Whose deposits brought one staff what. */
export function CustomersOfStaff({ staffId }: { staffId: string }) {
  const { t } = useTranslation();
  const the = useDrillColumns();
  const { filter } = useAnalytics();
  const columns = useMemo<DrillColumn<OfStaff>[]>(
    () => [
      ...the.customer<OfStaff>({ sort: true, named: true }),
      the.product(),
      the.type(),
      the.figure("deposit_count", t("analytics.deposits"), "count", "deposit_count"),
      the.figure("total_amount", t("analytics.amount"), "money", "total_amount"),
      the.day("first_deposit", t("analytics.first_deposit"), { sort: "first_deposit" }),
      the.day("last_deposit", t("analytics.last_deposit"), { sort: "last_deposit" }),
    ],
    [t, the],
  );
  return (
    <DrillTable<CustomersDrill, OfStaff>
      what="staff-customers"
      query={{ ...filter, staff_id: staffId }}
      label={t("analytics.customers")}
      rows={customersOf}
      rowId={(row) => `${row.customer_key} ${row.product_id}`}
      columns={columns}
      facts={(body) => (
        <>
          <Sum label={t("analytics.customers")} value={body.total} />
          <Sum label={t("analytics.amount")} value={body.total_amount} unit="money" />
        </>
      )}
    />
  );
}

/** The deposits of a day, a week or a month. */
export function DepositsOfBucket({ of }: { of: string }) {
  const { t } = useTranslation();
  const { filter, search } = useAnalytics();
  const type = partOf(TYPES, search.values.part);
  return (
    <Deposits
      what="date-deposits"
      query={{ ...filter, ...bucketOf(of), type: type === "all" ? undefined : type }}
      filters={
        <PartFilter
          label={t("analytics.type")}
          parts={TYPES}
          name={(each) => (each === "all" ? t("analytics.drill.both_types") : each)}
        />
      }
    />
  );
}

const TYPES = ["all", "NDP", "RDP"] as const;

/** The deposits of one staff on one day of the week; `of` is "<weekday>:<staff id>", Monday 0. */
export function DepositsOfWeekday({ of }: { of: string }) {
  const { filter } = useAnalytics();
  const { weekday, staffId } = weekdayOf(of);
  return <Deposits what="weekday-deposits" query={{ ...filter, weekday, staff_id: staffId }} />;
}

function Deposits({
  what,
  query,
  filters,
}: {
  what: "date-deposits" | "weekday-deposits";
  query: DrillQuery;
  filters?: ReactNode;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const the = useDrillColumns();
  const columns = useMemo<DrillColumn<Deposit>[]>(
    () => [
      ...the.customer<Deposit>({ sort: true, named: true }),
      the.staff(),
      the.product(),
      the.type(),
      the.day("date", t("analytics.day"), {
        sort: "date",
        cell: (row) => <DepositLink id={row.id}>{format.day(row.date)}</DepositLink>,
      }),
      the.figure("amount", t("analytics.amount"), "money", "amount"),
      { key: "note", label: t("analytics.note"), startsHidden: true, value: (row) => row.note },
    ],
    [t, format, the],
  );
  return (
    <DrillTable<DepositsDrill, Deposit>
      what={what}
      query={query}
      label={t("analytics.deposits")}
      rows={depositsOf}
      rowId={(row) => row.id}
      columns={columns}
      filters={filters}
      facts={(body) => (
        <>
          <Sum label={t("analytics.deposits")} value={body.total_count} />
          <Sum label={t("analytics.amount")} value={body.total_amount} unit="money" />
          <Sum label="NDP" value={body.total_ndp} />
          <Sum label="RDP" value={body.total_rdp} />
        </>
      )}
    />
  );
}
