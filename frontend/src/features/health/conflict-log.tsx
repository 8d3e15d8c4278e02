import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { useFormat } from "@/api/server-time";
import { columnHelper, DataTable, DayFilter, FilterSelect } from "@/components/data-table";
import { StatTile, StatusBadge } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import { ExportButton } from "@/features/exports";
import { productChoicesOptions } from "@/features/products";
import { useTableSearch } from "@/lib/table-search";
import { conflictFilter, conflictLogOptions, conflictStatsOptions } from "./api";
import type { HealthSearch } from "./search";
import type { ConflictStats, LoggedConflict } from "./types";

/** Every conflict there was, also those that are over, and whom they concerned. */
export function ConflictLogTab() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = useTableSearch<HealthSearch>();
  const query = useQuery(conflictLogOptions(search.values));
  const products = useQuery(productChoicesOptions);
  const staff = useQuery(staffChoicesOptions);
  const columns = useMemo(() => conflictColumns(t, format), [t, format]);
  const { show, product_id, staff_id, from, to } = search.values;
  const named = (rows: readonly { id: string; name: string }[] = []) =>
    rows.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <div className="grid gap-4">
      <Stats />
      <DataTable
        id="health-conflicts"
        label={t("health.tabs.conflicts")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(row) => row.id}
        filters={
          <>
            <FilterSelect
              label={t("health.conflicts.state")}
              value={show}
              onChange={(value) => search.set({ show: value as HealthSearch["show"] })}
              all={t("health.conflicts.any_state")}
              options={[
                { value: "open", label: t("health.conflicts.open") },
                { value: "ended", label: t("health.conflicts.ended") },
              ]}
            />
            <FilterSelect
              label={t("health.conflicts.product")}
              value={product_id}
              onChange={(value) => search.set({ product_id: value })}
              all={t("health.conflicts.any_product")}
              options={named(products.data)}
            />
            <FilterSelect
              label={t("health.conflicts.staff")}
              value={staff_id}
              onChange={(value) => search.set({ staff_id: value })}
              all={t("health.conflicts.any_staff")}
              options={named(staff.data)}
            />
            <DayFilter
              label={t("health.conflicts.from")}
              value={from}
              max={to}
              onChange={(day) => search.set({ from: day })}
            />
            <DayFilter
              label={t("health.conflicts.to")}
              value={to}
              min={from}
              onChange={(day) => search.set({ to: day })}
            />
          </>
        }
        actions={
          <>
            <Button asChild>
              <Link to="/reserved/conflicts">{t("health.conflicts.settle")}</Link>
            </Button>
            <ExportButton kind="conflict-log" filters={conflictFilter(search.values)} />
          </>
        }
        empty={{
          icon: CircleCheck,
          title: t("health.conflicts.empty"),
          description: t("health.conflicts.empty_hint"),
        }}
      />
    </div>
  );
}

function Stats() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, isPending } = useQuery(conflictStatsOptions);
  const figure = (value?: number) => (value === undefined ? "–" : format.number(value));
  return (
    <div className="grid gap-3">
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-4">
        <StatTile label={t("health.conflicts.today")} value={figure(data?.today)} loading={isPending} />
        <StatTile label={t("health.conflicts.week")} value={figure(data?.this_week)} loading={isPending} />
        <StatTile label={t("health.conflicts.month")} value={figure(data?.this_month)} loading={isPending} />
        <StatTile
          label={t("health.conflicts.total")}
          value={figure(data?.total_invalidated)}
          loading={isPending}
        />
      </div>
      {data && data.total_invalidated > 0 && (
        <div className="grid gap-3 sm:grid-cols-2">
          <Top title={t("health.conflicts.top_holders")} people={data.top_affected_staff} />
          <Top title={t("health.conflicts.top_owners")} people={data.top_reserved_by_staff} />
        </div>
      )}
    </div>
  );
}

function Top({ title, people }: { title: string; people: ConflictStats["top_affected_staff"] }) {
  const format = useFormat();
  return (
    <Card className="px-4 py-3">
      <h3 className="text-muted text-xs">{title}</h3>
      <ol className="mt-1 grid gap-0.5 text-sm">
        {people.map((person) => (
          <li key={person.staff_id} className="flex justify-between gap-3">
            <span className="min-w-0 break-words">{person.staff_name}</span>
            <span className="tabular">{format.number(person.count)}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function conflictColumns(t: TFunction, format: ReturnType<typeof useFormat>) {
  const column = columnHelper<LoggedConflict>();
  const moment = (iso: string) => (
    <time dateTime={iso} title={format.dateTime(iso)} className="whitespace-nowrap">
      {format.relative(iso)}
    </time>
  );
  return [
    column("customer", {
      label: t("health.conflicts.customer"),
      card: "title",
      hideable: false,
      className: "min-w-36",
      cell: (row) => <span className="break-words font-medium">{row.customer_id}</span>,
    }),
    column("state", {
      label: t("health.conflicts.state"),
      cell: (row) =>
        row.is_open ? (
          <StatusBadge icon={TriangleAlert} tone="warning" label={t("health.conflicts.open")} />
        ) : (
          <StatusBadge icon={CircleCheck} label={t("health.conflicts.ended")} />
        ),
    }),
    column("holder", {
      label: t("health.conflicts.holder"),
      cell: (row) => <span className="break-words">{row.staff_name}</span>,
    }),
    column("owner", {
      label: t("health.conflicts.owner"),
      cell: (row) => <span className="break-words">{row.reserved_by_name}</span>,
    }),
    column("database", {
      label: t("health.conflicts.database"),
      className: "min-w-40",
      cell: (row) => (
        <span className="grid">
          <span className="break-words">{row.database_name}</span>
          <span className="break-words text-muted text-xs">{row.product_name}</span>
        </span>
      ),
    }),
    column("began_at", { label: t("health.conflicts.began"), cell: (row) => moment(row.began_at) }),
    column("ended_at", {
      label: t("health.conflicts.over"),
      cell: (row) => (row.ended_at ? moment(row.ended_at) : <span className="text-muted">–</span>),
    }),
  ];
}
