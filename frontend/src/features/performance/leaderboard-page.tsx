import { useQuery } from "@tanstack/react-query";
import { Medal, Target, Trophy } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useMe } from "@/api/session";
import { FilterBar } from "@/components/data-table";
import { EmptyState, StatTile } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { cn } from "@/lib/cn";
import { useTableSearch } from "@/lib/table-search";
import { leaderboardOptions } from "./api";
import { FigureTable, ShareBar } from "./figure-table";
import { Loaded } from "./loaded";
import { MonthPicker } from "./month-picker";
import { type LeaderboardSearch, RANKED, type Ranked } from "./search";
import type { LeaderboardAnswer, LeaderboardRow } from "./types";

const MEDALS: Record<number, string> = {
  1: "text-amber-500",
  2: "text-slate-400",
  3: "text-orange-700 dark:text-orange-400",
};

export function LeaderboardPage() {
  const { t } = useTranslation();
  const search = useTableSearch<LeaderboardSearch>();
  const { month, period, by } = search.values;
  const query = useQuery(leaderboardOptions({ month, period }));
  return (
    <>
      <PageHeader title={t("nav.leaderboard")} description={t("performance.leaderboard_hint")} />
      <FilterBar>
        <Button
          aria-pressed={period === "all"}
          variant={period === "all" ? "primary" : "secondary"}
          onClick={() => search.set({ period: period === "all" ? undefined : "all", month: undefined })}
        >
          {t("performance.all_time")}
        </Button>
        {period !== "all" && (
          <MonthPicker value={month} onChange={(chosen) => search.set({ month: chosen })} />
        )}
      </FilterBar>
      <Tabs
        value={by ?? "omset"}
        onValueChange={(chosen) =>
          search.set({ by: chosen === "omset" ? undefined : (chosen as LeaderboardSearch["by"]) })
        }
      >
        <TabsList aria-label={t("performance.ranked_by")} className="mb-3">
          {RANKED.map((each) => (
            <TabsTrigger key={each} value={each}>
              {t(`performance.by.${each}`)}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value={by ?? "omset"}>
          <Loaded query={query}>{(data) => <Ranking answer={data} by={by ?? "omset"} />}</Loaded>
        </TabsContent>
      </Tabs>
    </>
  );
}

function Place({ rank }: { rank: number }) {
  const { t } = useTranslation();
  return (
    <span className="tabular inline-flex w-9 shrink-0 items-center gap-0.5">
      {MEDALS[rank] ? <Medal className={cn("size-4", MEDALS[rank])} aria-hidden /> : null}
      <span className="sr-only">{t("performance.place")} </span>
      {rank}
    </span>
  );
}

function Ranking({ answer, by }: { answer: LeaderboardAnswer; by: Ranked }) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const rank = (row: LeaderboardRow) => row[`${by}_rank`];
  const value = (row: LeaderboardRow) => row[`total_${by}`];
  const rows = [...answer.leaderboard].sort((a, b) => rank(a) - rank(b));
  const most = rows[0] ? value(rows[0]) : 0;
  if (rows.length === 0) {
    return (
      <Card>
        <EmptyState
          icon={Trophy}
          title={t("performance.nobody")}
          description={t("performance.nobody_hint")}
        />
      </Card>
    );
  }
  const average = (number: number | null) => (number === null ? "–" : format.number(number));
  const { targets } = answer;
  return (
    <div className="grid gap-4">
      <FigureTable
        title={t("nav.leaderboard")}
        first={t("performance.staff")}
        rows={rows}
        rowKey={(row) => row.staff_id}
        rowClassName={(row) => (row.staff_id === me.id ? "bg-accent-soft" : undefined)}
        name={(row) => (
          <span className="flex min-w-32 items-start gap-2">
            <Place rank={rank(row)} />
            <span className="min-w-0 flex-1">
              <span className="break-words font-medium">{row.staff_name}</span>
              {row.staff_id === me.id && (
                <span className="ml-1.5 text-accent-text text-xs">{t("performance.you")}</span>
              )}
              <ShareBar value={value(row)} most={most} />
            </span>
          </span>
        )}
        columns={[
          { key: "omset", label: t("performance.omset"), cell: (row) => format.number(row.total_omset) },
          { key: "ndp", label: "NDP", cell: (row) => format.number(row.total_ndp) },
          { key: "rdp", label: "RDP", cell: (row) => format.number(row.total_rdp) },
          {
            key: "today",
            label: t("performance.today_counts"),
            cell: (row) => `${format.number(row.today_ndp)} / ${format.number(row.today_rdp)}`,
            wide: true,
          },
          {
            key: "days",
            label: t("performance.days_worked"),
            cell: (row) => format.number(row.days_worked),
            wide: true,
          },
          {
            key: "average",
            label: t("performance.average"),
            cell: (row) => average(row.avg_daily_omset),
            wide: true,
          },
        ]}
      />
      <section aria-label={t("performance.targets")} className="grid grid-cols-2 gap-2 sm:grid-cols-4">
        <StatTile
          label={t("performance.monthly_omset")}
          value={format.number(targets.monthly_omset)}
          icon={Target}
        />
        <StatTile label={t("performance.daily_ndp")} value={format.number(targets.daily_ndp)} />
        <StatTile label={t("performance.daily_rdp")} value={format.number(targets.daily_rdp)} />
        <StatTile
          label={t("performance.required_days")}
          value={format.number(targets.required_success_days)}
        />
      </section>
    </div>
  );
}
