import { useQuery } from "@tanstack/react-query";
import { BellOff, UsersRound } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { BarChart, ChartCard } from "@/components/charts";
import { DataTable } from "@/components/data-table";
import { StatTile, undoToast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import type { TableSearch } from "@/lib/table-search";
import { alertsByStaffOptions, alertsOptions, useDismiss, useUndismiss } from "./api";
import { RISK_ICONS } from "./badges";
import { quietColumns } from "./columns";
import { RetentionFilters } from "./filters";
import { type RetentionSearch, RISKS } from "./search";
import type { AlertsByStaff, RetentionAlert } from "./types";

/** Customers who have not deposited for 3 to 30 days, by level; what is dismissed comes back after a week. */
export function AtRisk({ search }: { search: TableSearch<RetentionSearch> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const manages = useCan()("retention.team");
  const query = useQuery(alertsOptions(search.values));
  const dismiss = useDismiss();
  const undismiss = useUndismiss();
  const columns = useMemo(
    () => quietColumns<RetentionAlert>(t, format, { withStaff: manages, withRisk: true }),
    [t, format, manages],
  );
  const { risk } = search.values;
  const summary = query.data?.summary;

  const hide = (row: RetentionAlert) =>
    dismiss.mutate(row, {
      onSuccess: () =>
        undoToast(t("retention.dismissed", { customer: row.customer_id }), t("common.undo"), () =>
          undismiss.mutate(row),
        ),
    });

  return (
    <div className="grid gap-3">
      <section aria-label={t("retention.levels")} className="grid grid-cols-1 gap-2 sm:grid-cols-3">
        {RISKS.map((level) => (
          <StatTile
            key={level}
            icon={RISK_ICONS[level]}
            label={t(`retention.risk.${level}`)}
            value={summary ? format.number(summary[level]) : "–"}
            hint={t(`retention.risk_days.${level}`)}
            loading={query.isPending}
            pressed={risk === level}
            onPress={() => search.set({ risk: risk === level ? undefined : level })}
          />
        ))}
      </section>
      <DataTable
        id="retention-at-risk"
        label={t("retention.tabs.at_risk")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(row) => `${row.product_id} ${row.customer_key}`}
        filters={<RetentionFilters search={search} />}
        empty={{ title: t("retention.empty.at_risk"), description: t("retention.empty.at_risk_hint") }}
        rowActions={(row) => (
          <Button
            size="sm"
            variant="ghost"
            onClick={() => hide(row)}
            aria-label={t("retention.dismiss_named", { customer: row.customer_id })}
          >
            <BellOff aria-hidden />
            <span className="max-sm:sr-only">{t("retention.dismiss")}</span>
          </Button>
        )}
      />
      {manages && <ByStaff search={search} />}
    </div>
  );
}

type Levels = AlertsByStaff["staff"][number];

function ByStaff({ search }: { search: TableSearch<RetentionSearch> }) {
  const { t } = useTranslation();
  const query = useQuery(alertsByStaffOptions(search.values));
  const staff = t("retention.staff");
  return (
    <ChartCard
      id="retention-at-risk-by-staff"
      title={t("retention.charts.risk_by_staff")}
      definition={t("retention.charts.risk_by_staff_definition")}
      query={query}
      rows={(data) => data.staff}
      rowKey={(row) => row.staff_id}
      columns={[
        { key: "staff", label: staff, value: (row) => row.staff_name },
        ...RISKS.map((level) => ({
          key: level,
          label: t(`retention.risk.${level}`),
          unit: "count" as const,
          value: (row: Levels) => row[level],
        })),
      ]}
      empty={{ icon: UsersRound, title: t("retention.empty.at_risk") }}
      onOpen={(row) => search.set({ staff_id: row.staff_id })}
    >
      {(_, rows) => (
        <BarChart<Levels>
          label={t("retention.charts.risk_by_staff")}
          rows={rows}
          rowKey={(row) => row.staff_id}
          name={(row) => row.staff_name}
          stacked
          series={RISKS.map((level, place) => ({
            key: level,
            label: t(`retention.risk.${level}`),
            tone: ([7, 4, 1] as const)[place] ?? 1,
            unit: "count",
            value: (row) => row[level],
          }))}
          onOpen={(row) => search.set({ staff_id: row.staff_id })}
        />
      )}
    </ChartCard>
  );
}
