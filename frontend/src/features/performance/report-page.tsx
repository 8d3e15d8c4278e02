import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { FilterBar, FilterSelect } from "@/components/data-table";
import { StatTile } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { ExportButton } from "@/features/exports";
import { productChoicesOptions } from "@/features/products";
import { useTableSearch } from "@/lib/table-search";
import { reportFile, reportFilter, reportOptions } from "./api";
import { FigureTable, ShareBar } from "./figure-table";
import { Loaded } from "./loaded";
import { MonthPicker } from "./month-picker";
import type { ReportSearch } from "./search";
import type { Report, ReportCells } from "./types";

const asOptions = (rows: readonly { id: string; name: string }[] = []) =>
  rows.map(({ id, name }) => ({ value: id, label: name }));

/** A year by month, product and staff, and one of its months by day; every part adds up to the same. */
export function ReportPage() {
  const { t } = useTranslation();
  const search = useTableSearch<ReportSearch>();
  const manages = useCan()("performance.manage");
  const { month, product_id, staff_id, tab } = search.values;
  const query = useQuery(reportOptions({ month, product_id, staff_id }));
  const products = useQuery(productChoicesOptions);
  const staff = useQuery({ ...staffChoicesOptions, enabled: manages });
  return (
    <>
      <PageHeader
        title={t("nav.reports")}
        description={t(manages ? "performance.report_hint" : "performance.report_own_hint")}
        actions={
          <>
            <ExportButton
              kind="staff-report"
              filters={{ product_id, staff_id }}
              fixed={{ ...reportFilter({ month }), by: tab === "month" ? "day" : undefined }}
            />
            <Button asChild>
              <a href={reportFile({ month, product_id, staff_id })} download>
                <Download aria-hidden />
                {t("performance.download")}
              </a>
            </Button>
          </>
        }
      />
      <FilterBar>
        <MonthPicker value={month} onChange={(chosen) => search.set({ month: chosen })} />
        <FilterSelect
          label={t("performance.product")}
          value={product_id}
          onChange={(value) => search.set({ product_id: value })}
          all={t("performance.all_products")}
          options={asOptions(products.data)}
        />
        {manages && (
          <FilterSelect
            label={t("performance.staff")}
            value={staff_id}
            onChange={(value) => search.set({ staff_id: value })}
            all={t("performance.all_staff")}
            options={asOptions(staff.data)}
          />
        )}
      </FilterBar>
      <Loaded query={query}>
        {(report) => (
          <Tabs
            value={tab ?? "year"}
            onValueChange={(value) =>
              search.set({ tab: value === "year" ? undefined : (value as ReportSearch["tab"]) })
            }
          >
            <Totals report={report} />
            <TabsList className="my-3">
              <TabsTrigger value="year">{report.year}</TabsTrigger>
              <TabsTrigger value="month">
                <MonthName report={report} />
              </TabsTrigger>
              <TabsTrigger value="staff">{t("performance.staff")}</TabsTrigger>
            </TabsList>
            <TabsContent value="year">
              <Year report={report} />
            </TabsContent>
            <TabsContent value="month">
              <Month report={report} />
            </TabsContent>
            <TabsContent value="staff">
              <Staff report={report} />
            </TabsContent>
          </Tabs>
        )}
      </Loaded>
    </>
  );
}

function MonthName({ report }: { report: Report }) {
  const format = useFormat();
  return <>{format.month(report.start_date)}</>;
}

function added(rows: readonly ReportCells[]): ReportCells {
  const sum = (name: keyof ReportCells) => rows.reduce((total, row) => total + row[name], 0);
  return { new_id: sum("new_id"), rdp: sum("rdp"), total_form: sum("total_form"), nominal: sum("nominal") };
}

function Totals({ report }: { report: Report }) {
  const { t } = useTranslation();
  const format = useFormat();
  const total = report.yearly[report.month - 1] ?? added([]);
  const tiers = report.deposit_tiers;
  return (
    <section
      aria-label={t("performance.figures")}
      className="grid grid-cols-2 gap-2 md:grid-cols-3 xl:grid-cols-5"
    >
      <StatTile
        label={t("performance.omset")}
        value={format.number(total.nominal)}
        hint={t("performance.of_target", { target: format.number(report.crm_efficiency_target) })}
      />
      <StatTile label="NDP" value={format.number(total.new_id)} />
      <StatTile label="RDP" value={format.number(total.rdp)} />
      <StatTile label={t("performance.forms")} value={format.number(total.total_form)} />
      <StatTile
        label={t("performance.tiers")}
        value={`${format.number(tiers["2x"])} · ${format.number(tiers["3x"])} · ${format.number(tiers["4x_plus"])}`}
        hint={t("performance.tiers_hint")}
      />
    </section>
  );
}

function useColumns<T extends ReportCells>() {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    { key: "ndp", label: "NDP", cell: (row: T) => format.number(row.new_id) },
    { key: "rdp", label: "RDP", cell: (row: T) => format.number(row.rdp) },
    {
      key: "forms",
      label: t("performance.forms"),
      cell: (row: T) => format.number(row.total_form),
      wide: true,
    },
    { key: "nominal", label: t("performance.omset"), cell: (row: T) => format.number(row.nominal) },
  ];
}

function Figures<T extends ReportCells>({
  title,
  first,
  rows,
  id,
  name,
}: {
  title: string;
  first: string;
  rows: readonly T[];
  id: (row: T) => string;
  name: (row: T) => string;
}) {
  const { t } = useTranslation();
  const columns = useColumns<T>();
  const most = Math.max(0, ...rows.map((row) => row.nominal));
  const total = added(rows) as T;
  return (
    <FigureTable
      title={title}
      first={first}
      rows={rows}
      rowKey={id}
      columns={columns}
      name={(row) => (
        <span className="block min-w-24 break-words">
          {name(row)}
          <ShareBar value={row.nominal} most={most} />
        </span>
      )}
      totals={
        <tr>
          <th scope="row" className="px-3 py-2 text-left">
            {t("performance.together")}
          </th>
          {columns.map(({ key, cell, wide }) => (
            <td
              key={key}
              className={`tabular whitespace-nowrap px-2 py-2 text-right last:pr-3 ${wide ? "max-sm:hidden" : ""}`}
            >
              {cell(total)}
            </td>
          ))}
        </tr>
      }
    />
  );
}

function Year({ report }: { report: Report }) {
  const { t } = useTranslation();
  const format = useFormat();
  const monthName = (month: number) => format.month(`${report.year}-${String(month).padStart(2, "0")}-01`);
  return (
    <div className="grid items-start gap-4 xl:grid-cols-2">
      <Figures
        title={t("performance.by_month")}
        first={t("performance.month")}
        rows={report.yearly}
        id={(row) => String(row.month)}
        name={(row) => monthName(row.month)}
      />
      {report.monthly.length > 0 && (
        <Figures
          title={t("performance.by_product")}
          first={t("performance.product")}
          rows={report.monthly}
          id={(row) => `${row.month} ${row.product_id}`}
          name={(row) => `${row.product_name} · ${monthName(row.month)}`}
        />
      )}
    </div>
  );
}

function Month({ report }: { report: Report }) {
  const { t } = useTranslation();
  const format = useFormat();
  const people = report.monthly_by_staff[report.month - 1]?.staff ?? [];
  return (
    <div className="grid items-start gap-4 xl:grid-cols-2">
      <Figures
        title={t("performance.by_day")}
        first={t("performance.day")}
        rows={report.daily}
        id={(row) => row.date}
        name={(row) => format.day(row.date)}
      />
      {people.length > 0 && (
        <Figures
          title={t("performance.by_staff")}
          first={t("performance.staff")}
          rows={people}
          id={(row) => row.staff_id}
          name={(row) => row.staff_name}
        />
      )}
    </div>
  );
}

function Staff({ report }: { report: Report }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns = useColumns<Report["staff_performance"][number]>();
  const most = Math.max(0, ...report.staff_performance.map((row) => row.nominal));
  return (
    <FigureTable
      title={t("performance.by_staff")}
      first={t("performance.staff")}
      rows={report.staff_performance}
      rowKey={(row) => row.staff_id}
      name={(row) => (
        <span className="block min-w-32 break-words">
          <span className="tabular mr-2 text-muted">{row.rank}</span>
          {row.staff_name}
          <ShareBar value={row.nominal} most={most} />
        </span>
      )}
      columns={[
        ...columns,
        {
          key: "efficiency",
          label: t("performance.efficiency", { month: format.month(report.start_date) }),
          cell: (row) => (row.crm_efficiency === null ? "–" : `${format.number(row.crm_efficiency)} %`),
          wide: true,
        },
      ]}
    />
  );
}
