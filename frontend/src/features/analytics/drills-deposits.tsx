import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { type Unit, useFigures } from "@/components/charts";
import { columnHelper } from "@/components/data-table";
import { TypeBadge } from "@/features/deposits";
import type { DrillQuery } from "./api";
import { useAnalytics } from "./context";
import { DrillTable } from "./drill-table";
import { CustomerLink, DepositLink, StaffLink, Sum } from "./links";
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
  const figures = useFigures();
  const { filter } = useAnalytics();
  const figure = useMemo(
    () =>
      [
        { key: "ndp_count", label: t("analytics.ndp_deposits"), unit: "count", sort: "ndp_count" },
        { key: "rdp_count", label: t("analytics.rdp_deposits"), unit: "count", sort: "rdp_count" },
        { key: "total_count", label: t("analytics.deposits"), unit: "count", sort: "total_count" },
        { key: "ndp_amount", label: t("analytics.ndp_amount"), unit: "money", sort: undefined },
        { key: "rdp_amount", label: t("analytics.rdp_amount"), unit: "money", sort: undefined },
        { key: "total_amount", label: t("analytics.amount"), unit: "money", sort: "total_amount" },
      ] as const satisfies { key: keyof OfProduct; label: string; unit: Unit; sort?: string }[],
    [t],
  );
  const columns = useMemo(() => {
    const column = columnHelper<OfProduct>();
    return [
      column("staff", {
        label: t("analytics.staff"),
        sort: "staff_name",
        card: "title",
        hideable: false,
        cell: (row) => <StaffLink row={row} />,
      }),
      ...figure.map(({ key, label, unit, sort }) =>
        column(key, { label, sort, align: "end", cell: (row) => figures.full(row[key], unit) }),
      ),
    ];
  }, [t, figures, figure]);
  return (
    <DrillTable<ProductDrill, OfProduct>
      what="product-staff"
      query={{ ...filter, product_id: productId }}
      label={t("analytics.staff")}
      rows={staffOf}
      rowId={(row) => row.staff_id}
      columns={columns}
      file={[
        { key: "staff", label: t("analytics.staff"), value: (row) => row.staff_name },
        ...figure.map(({ key, label }) => ({ key, label, value: (row: OfProduct) => row[key] })),
      ]}
      facts={(body) => <Sum label={t("analytics.staff")} value={body.total_staff} />}
    />
  );
}

/** Whose deposits brought one staff what. */
export function CustomersOfStaff({ staffId }: { staffId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const figures = useFigures();
  const { filter } = useAnalytics();
  const columns = useMemo(() => {
    const column = columnHelper<OfStaff>();
    return [
      column("customer", {
        label: t("analytics.customer"),
        sort: "customer_id",
        card: "title",
        hideable: false,
        cell: (row) => <CustomerLink row={row} />,
      }),
      column("product", { label: t("analytics.product"), cell: (row) => row.product }),
      column("type", { label: t("analytics.type"), cell: (row) => <TypeBadge type={row.type} /> }),
      column("count", {
        label: t("analytics.deposits"),
        sort: "deposit_count",
        align: "end",
        cell: (row) => figures.full(row.deposit_count, "count"),
      }),
      column("total", {
        label: t("analytics.amount"),
        sort: "total_amount",
        align: "end",
        cell: (row) => figures.full(row.total_amount, "money"),
      }),
      column("first", {
        label: t("analytics.first_deposit"),
        sort: "first_deposit",
        cell: (row) => format.day(row.first_deposit),
      }),
      column("last", {
        label: t("analytics.last_deposit"),
        sort: "last_deposit",
        cell: (row) => format.day(row.last_deposit),
      }),
    ];
  }, [t, format, figures]);
  return (
    <DrillTable<CustomersDrill, OfStaff>
      what="staff-customers"
      query={{ ...filter, staff_id: staffId }}
      label={t("analytics.customers")}
      rows={customersOf}
      rowId={(row) => `${row.customer_key} ${row.product_id}`}
      columns={columns}
      file={[
        { key: "customer", label: t("analytics.customer"), value: (row) => row.customer_id },
        { key: "name", label: t("analytics.name"), value: (row) => row.customer_name },
        { key: "product", label: t("analytics.product"), value: (row) => row.product },
        { key: "type", label: t("analytics.type"), value: (row) => row.type },
        { key: "count", label: t("analytics.deposits"), value: (row) => row.deposit_count },
        { key: "total", label: t("analytics.amount"), value: (row) => row.total_amount },
        { key: "first", label: t("analytics.first_deposit"), value: (row) => row.first_deposit },
        { key: "last", label: t("analytics.last_deposit"), value: (row) => row.last_deposit },
      ]}
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
  const figures = useFigures();
  const columns = useMemo(() => {
    const column = columnHelper<Deposit>();
    return [
      column("customer", {
        label: t("analytics.customer"),
        sort: "customer_id",
        card: "title",
        hideable: false,
        cell: (row) => <CustomerLink row={row} />,
      }),
      column("staff", { label: t("analytics.staff"), cell: (row) => <StaffLink row={row} /> }),
      column("product", { label: t("analytics.product"), cell: (row) => row.product }),
      column("type", { label: t("analytics.type"), cell: (row) => <TypeBadge type={row.type} /> }),
      column("date", {
        label: t("analytics.day"),
        sort: "date",
        cell: (row) => <DepositLink id={row.id}>{format.day(row.date)}</DepositLink>,
      }),
      column("amount", {
        label: t("analytics.amount"),
        sort: "amount",
        align: "end",
        cell: (row) => figures.full(row.amount, "money"),
      }),
      column("note", { label: t("analytics.note"), startsHidden: true, cell: (row) => row.note }),
    ];
  }, [t, format, figures]);
  return (
    <DrillTable<DepositsDrill, Deposit>
      what={what}
      query={query}
      label={t("analytics.deposits")}
      rows={depositsOf}
      rowId={(row) => row.id}
      columns={columns}
      file={[
        { key: "date", label: t("analytics.day"), value: (row) => row.date },
        { key: "staff", label: t("analytics.staff"), value: (row) => row.staff_name },
        { key: "customer", label: t("analytics.customer"), value: (row) => row.customer_id },
        { key: "name", label: t("analytics.name"), value: (row) => row.customer_name },
        { key: "product", label: t("analytics.product"), value: (row) => row.product },
        { key: "type", label: t("analytics.type"), value: (row) => row.type },
        { key: "amount", label: t("analytics.amount"), value: (row) => row.amount },
        { key: "note", label: t("analytics.note"), value: (row) => row.note },
      ]}
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
