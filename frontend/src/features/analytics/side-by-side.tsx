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

type Compared = { id: string; name: string; work: StaffMetrics | undefined; value: StaffValue | undefined };
type Measure = {
  key: string;
  label: string;
  unit: Unit;
  of: (staff: Compared) => number | null;
  drill: Drill;
  part?: string;
};

/** Those who stand side by side before somebody has chosen: who checked most. */
const AT_FIRST = 3;

/** What staff have done and what it brought; of all of them, whoever the page is about. Both answers or none. */
function useBoth({ staff_id: _, ...filter }: ChartFilter) {
  const team = useQuery(chartOptions<Team>("staff-performance", filter, false));
  const value = useQuery(chartOptions<CustomerValue>("customer-value-comparison", filter, false));
  const failed = team.isError ? team : value;
  return {
    ...failed,
    data:
      team.data && value.data ? { work: team.data.staff_metrics, value: value.data.staff_data } : undefined,
    isPlaceholderData: team.isPlaceholderData || value.isPlaceholderData,
    refetch: () => Promise.all([team.refetch(), value.refetch()]),
  } as unknown as UseQueryResult<{ work: StaffMetrics[]; value: StaffValue[] }>;
}

/** Two to six staff beside each other, measure by measure; the chosen ones are in the address. */
export function SideBySide() {
  const { t } = useTranslation();
  const { search, filter, drill } = useAnalytics();
  const query = useBoth(filter);
  const everybody: Compared[] = (query.data?.work ?? []).map((work) => ({
    id: work.staff_id,
    name: work.staff_name,
    work,
    value: query.data?.value.find(({ staff_id }) => staff_id === work.staff_id),
  }));
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
    value: (measure) => measure.of(staff),
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
          onOpen={(row, staffId) => drill(row.drill, staffId, row.part)}
        />
      )}
    </Chart>
  );
}
