import { useQuery } from "@tanstack/react-query";
import { CalendarDays } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ChartCard, HeatChart } from "@/components/charts";
import type { TableSearch } from "@/lib/table-search";
import { cohortsOptions } from "./api";
import type { RetentionSearch } from "./search";
import type { Cohort } from "./types";

/** Who came first in a month, and how many of them came in each month after it. */
export function CohortCard({ search }: { search: TableSearch<RetentionSearch> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(cohortsOptions(search.values));
  const offsets = query.data?.cohorts.map((_, offset) => offset) ?? [];
  const title = t("retention.charts.cohorts");
  const cell = (row: Cohort, offset: number) => row.months[offset];
  return (
    <ChartCard
      id="retention-cohorts"
      title={title}
      definition={t("retention.charts.cohorts_definition")}
      query={query}
      rows={(data) => data.cohorts.filter(({ size }) => size > 0)}
      rowKey={(row) => row.cohort}
      columns={[
        { key: "cohort", label: t("retention.first_month"), value: (row) => row.cohort.slice(0, 7) },
        { key: "size", label: t("retention.cohort_size"), unit: "count", value: (row) => row.size },
        ...offsets.map((offset) => ({
          key: `${offset}`,
          label: t("retention.month_after", { offset }),
          unit: "percent" as const,
          value: (row: Cohort) => cell(row, offset)?.rate ?? null,
        })),
      ]}
      empty={{ icon: CalendarDays, title: t("retention.empty.figures") }}
    >
      {(_, rows) => (
        <HeatChart<Cohort>
          label={title}
          first={t("retention.first_month")}
          rows={rows}
          rowKey={(row) => row.cohort}
          name={(row) => format.month(row.cohort)}
          unit="percent"
          most={100}
          columns={offsets.map((offset) => ({
            key: `${offset}`,
            label: offset === 0 ? "0" : `+${offset}`,
            value: (row) => cell(row, offset)?.rate ?? null,
          }))}
          detail={(row, offset) =>
            t("retention.cohort_cell", { customers: cell(row, offset)?.customers ?? 0, size: row.size })
          }
        />
      )}
    </ChartCard>
  );
}
