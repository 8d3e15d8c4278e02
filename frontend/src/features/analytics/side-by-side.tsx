import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { UsersRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { BarChart, type Series, toneAt, type Unit } from "@/components/charts";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { chartOptions } from "./api";
import { Chart } from "./chart";
import { useAnalytics } from "./context";
import { type ChartFilter, type Drill, FEWEST, MOST, peopleOf } from "./search";
import type { CustomerValue, StaffMetrics, StaffValue, Team } from "./types";

/** What one staff has done, and what it brought. */
type Work = { work: StaffMetrics | undefined; value: StaffValue | undefined };
type Compared = Work & { id: string; name: string; before?: Work };
type Measure = {
  key: string;
  label: string;
  unit: Unit;
  of: (staff: Work) => number | null;
  /** Of the period before. */
  past?: boolean;
  drill: Drill;
  part?: string;
};

/** Those who stand side by side before somebody has chosen: who checked most. */
const AT_FIRST = 3;

/** What staff have done and what it brought; of all of them, whoever the page is about. Both answers or none. */
function useBoth({ staff_id: _, ...filter }: ChartFilter, compare: boolean) {
  const team = useQuery(chartOptions<Team>("staff-performance", filter, compare));
  const value = useQuery(chartOptions<CustomerValue>("customer-value-comparison", filter, compare));
  const failed = team.isError ? team : value;
  return {
    ...failed,
    data: team.data && value.data ? bothOf(team.data, value.data) : undefined,
    isPlaceholderData: team.isPlaceholderData || value.isPlaceholderData,
    refetch: () => Promise.all([team.refetch(), value.refetch()]),
  } as unknown as UseQueryResult<Compared[]>;
}

function bothOf(team: Team, value: CustomerValue): Compared[] {
  const then = value.previous && team.previous ? { team: team.previous, value: value.previous } : undefined;
  const of = <R extends { staff_id: string }>(rows: readonly R[] | undefined, id: string) =>
    rows?.find(({ staff_id }) => staff_id === id);
  return team.staff_metrics.map((work) => ({
    id: work.staff_id,
    name: work.staff_name,
    work,
    value: of(value.staff_data, work.staff_id),
    before: then && {
      work: of(then.team.staff_metrics, work.staff_id),
      value: of(then.value.staff_data, work.staff_id),
    },
  }));
}

/** Two to six staff beside each other, measure by measure; the chosen ones are in the address. */
export function SideBySide() {
  const { t } = useTranslation();
  const { search, filter, compare, drill } = useAnalytics();
  const query = useBoth(filter, compare);
  const everybody = query.data ?? [];
  const wanted = peopleOf(search.values);
  const known = everybody.filter(({ id }) => wanted.includes(id)).slice(0, MOST);
  const chosen =
    known.length >= FEWEST
      ? known
      : [...everybody]
          .sort((a, b) => (b.work?.whatsapp_checked ?? 0) - (a.work?.whatsapp_checked ?? 0))
          .slice(0, AT_FIRST);
  const ids = chosen.map(({ id }) => id);
  const toggle = (id: string) => {
    const next = ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id];
    search.set({ people: next.join(",") });
  };

  const measures: Measure[] = [
    {
      key: "assigned",
      drill: "response-time",
      label: t("analytics.stages.assigned"),
      unit: "count",
      of: ({ work }) => work?.records_in_period ?? 0,
    },
    {
      key: "checked",
      drill: "work-done",
      part: "checked",
      label: t("analytics.stages.wa_checked"),
      unit: "count",
      of: ({ work }) => work?.whatsapp_checked ?? 0,
    },
    {
      key: "ya",
      drill: "work-done",
      part: "respond_ya",
      label: t("analytics.stages.responded"),
      unit: "count",
      of: ({ work }) => work?.respond_ya ?? 0,
    },
    {
      key: "rate",
      drill: "work-done",
      part: "respond_ya",
      label: t("analytics.response_rate"),
      unit: "percent",
      of: ({ work }) => work?.respond_rate ?? null,
    },
    {
      key: "ndp",
      drill: "staff-customers",
      label: t("analytics.ndp_deposits"),
      unit: "count",
      of: ({ value }) => value?.ndp_count ?? 0,
    },
    {
      key: "rdp",
      drill: "staff-customers",
      label: t("analytics.rdp_deposits"),
      unit: "count",
      of: ({ value }) => value?.rdp_count ?? 0,
    },
    {
      key: "amount",
      drill: "staff-customers",
      label: t("analytics.amount"),
      unit: "money",
      of: ({ value }) => value?.total_amount ?? 0,
    },
  ];
  const series: Series<Measure>[] = chosen.map((staff, index) => ({
    key: staff.id,
    label: staff.name,
    tone: toneAt(index),
    unit: "count",
    value: ({ of, past }) => (past ? staff.before && of(staff.before) : of(staff)) ?? null,
  }));
  return (
    <Chart
      query={query}
      rows={() => (chosen.length < FEWEST ? [] : measures)}
      rowKey={(row) => row.key}
      columns={[
        { key: "measure", label: t("analytics.measure"), value: (row) => row.label },
        ...series.map(({ key, label, value }) => ({ key, label, value, unit: "count" as const })),
      ]}
      choices={
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button size="sm" disabled={everybody.length < FEWEST}>
              <UsersRound aria-hidden />
              {t("analytics.choose_staff", { count: chosen.length })}
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="start">
            {everybody.map(({ id, name }) => {
              const on = ids.includes(id);
              return (
                <DropdownMenuCheckboxItem
                  key={id}
                  checked={on}
                  disabled={on ? ids.length <= FEWEST : ids.length >= MOST}
                  onCheckedChange={() => toggle(id)}
                  onSelect={(event) => event.preventDefault()}
                >
                  {name}
                </DropdownMenuCheckboxItem>
              );
            })}
          </DropdownMenuContent>
        </DropdownMenu>
      }
    >
      {(_data, rows) => (
        <BarChart
          label={t("analytics.charts.staff-compare.title")}
          rows={rows}
          rowKey={(row) => row.key}
          name={(row) => row.label}
          series={series}
          most="row"
          unitOf={(row) => row.unit}
          before={compare ? (row) => ({ ...row, past: true }) : undefined}
          onOpen={(row, staffId) => drill(row.drill, staffId, row.part)}
        />
      )}
    </Chart>
  );
}
