import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, OctagonAlert, Target, TriangleAlert, Users, UsersRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { FilterBar } from "@/components/data-table";
import { EmptyState, StatTile } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useTableSearch } from "@/lib/table-search";
import { progressOptions, teamProgressOptions } from "./api";
import { FigureTable, ShareBar } from "./figure-table";
import { LevelBadge } from "./level";
import { Loaded } from "./loaded";
import { MonthPicker } from "./month-picker";
import { ProgressView } from "./progress-view";
import { QualityView } from "./quality-view";
import type { TeamSearch } from "./search";
import { TargetsSheet } from "./targets-sheet";
import type { TeamProgressAnswer } from "./types";

/** /team: everybody for those who manage, one's own progress for the others. */
export function TeamPage() {
  const can = useCan();
  return can("performance.manage") ? <Team /> : <Progress />;
}

/** /team/$staffId: one staff, for those who manage. */
export function StaffPage({ staffId }: { staffId: string }) {
  return <Progress staffId={staffId} />;
}

function Progress({ staffId }: { staffId?: string }) {
  const { t } = useTranslation();
  const search = useTableSearch<TeamSearch>();
  const query = useQuery(progressOptions(staffId, search.values.month));
  const name = query.data?.staff_name;
  return (
    <>
      <PageHeader
        title={staffId ? (name ?? "…") : t("performance.my_progress")}
        documentTitle={t(staffId ? "nav.team" : "performance.my_progress")}
        back={staffId ? { to: "/team", label: t("nav.team") } : undefined}
        actions={
          staffId && (
            <Button onClick={() => search.setPanel("targets")}>
              <Target aria-hidden />
              {t("performance.change_targets")}
            </Button>
          )
        }
      />
      <WithTabs search={search} staffId={staffId}>
        <Loaded query={query}>{(data) => <ProgressView progress={data} />}</Loaded>
      </WithTabs>
      {staffId && search.values.panel === "targets" && (
        <TargetsSheet staffId={staffId} staffName={name} onClose={() => search.setPanel(undefined)} />
      )}
    </>
  );
}

function WithTabs({
  search,
  staffId,
  children,
}: {
  search: ReturnType<typeof useTableSearch<TeamSearch>>;
  staffId?: string;
  children: React.ReactNode;
}) {
  const { t } = useTranslation();
  const { tab, month } = search.values;
  return (
    <Tabs
      value={tab ?? "progress"}
      onValueChange={(value) => search.set({ tab: value === "quality" ? "quality" : undefined })}
    >
      <TabsList className="mb-3">
        <TabsTrigger value="progress">{t("performance.tabs.progress")}</TabsTrigger>
        <TabsTrigger value="quality">{t("performance.tabs.quality")}</TabsTrigger>
      </TabsList>
      <TabsContent value="progress">
        <FilterBar>
          <MonthPicker value={month} onChange={(chosen) => search.set({ month: chosen })} />
        </FilterBar>
        {children}
      </TabsContent>
      <TabsContent value="quality">
        <QualityView search={search} staffId={staffId} />
      </TabsContent>
    </Tabs>
  );
}

function Team() {
  const { t } = useTranslation();
  const search = useTableSearch<TeamSearch>();
  const query = useQuery(teamProgressOptions(search.values.month));
  return (
    <>
      <PageHeader
        title={t("nav.team")}
        description={t("performance.team_hint")}
        actions={
          <Button onClick={() => search.setPanel("targets")}>
            <Target aria-hidden />
            {t("performance.targets")}
          </Button>
        }
      />
      <WithTabs search={search}>
        <Loaded query={query}>{(data) => <TeamTable answer={data} month={search.values.month} />}</Loaded>
      </WithTabs>
      {search.values.panel === "targets" && <TargetsSheet onClose={() => search.setPanel(undefined)} />}
    </>
  );
}

function TeamTable({ answer, month }: { answer: TeamProgressAnswer; month?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { summary, staff_progress: rows } = answer;
  const of = (value: number, target: number) =>
    t("performance.of", { value: format.number(value), target: format.number(target) });
  const mark = (success: number, counts: boolean) => (counts ? format.number(success) : "–");
  return (
    <div className="grid gap-4">
      <section aria-label={t("performance.figures")} className="grid grid-cols-2 gap-2 md:grid-cols-4">
        <StatTile
          icon={Users}
          label={t("performance.total_staff")}
          value={format.number(summary.total_staff)}
          hint={t("performance.days_remaining", { count: answer.days_remaining })}
        />
        <StatTile
          icon={CircleCheck}
          label={t("performance.success_staff")}
          value={format.number(summary.success_staff)}
        />
        <StatTile
          icon={TriangleAlert}
          label={t("performance.warning_staff")}
          value={format.number(summary.warning_staff)}
        />
        <StatTile
          icon={OctagonAlert}
          label={t("performance.critical_staff")}
          value={format.number(summary.critical_staff)}
        />
      </section>
      {rows.length === 0 ? (
        <Card>
          <EmptyState
            icon={UsersRound}
            title={t("performance.nobody")}
            description={t("performance.nobody_hint")}
          />
        </Card>
      ) : (
        <FigureTable
          title={t("nav.team")}
          first={t("performance.staff")}
          rows={rows}
          rowKey={(row) => row.staff_id}
          name={(row) => (
            <span className="grid min-w-32 justify-items-start gap-1">
              <Link
                to="/team/$staffId"
                params={{ staffId: row.staff_id }}
                search={{ month }}
                className="break-words rounded font-medium hover:underline"
              >
                {row.staff_name}
              </Link>
              <LevelBadge row={row} />
            </span>
          )}
          columns={[
            {
              key: "success",
              label: t("performance.success_days"),
              cell: (row) => (
                <span className="inline-block min-w-20">
                  {of(row.success_days, row.required_success_days)}
                  <ShareBar
                    value={row.success_days}
                    most={row.required_success_days}
                    className="bg-success"
                  />
                </span>
              ),
            },
            {
              key: "today",
              label: t("performance.today_counts"),
              cell: (row) => (
                <span className="inline-flex items-center gap-1">
                  {row.today_target_reached && (
                    <CircleCheck
                      className="size-3.5 text-success"
                      role="img"
                      aria-label={t("performance.today_reached")}
                    />
                  )}
                  {`${format.number(row.today_ndp)} / ${format.number(row.today_rdp)}`}
                </span>
              ),
            },
            {
              key: "projected",
              label: t("performance.projected"),
              cell: (row) => (row.projected_success === null ? "–" : format.number(row.projected_success)),
              wide: true,
            },
            {
              key: "last",
              label: t("performance.last_month"),
              cell: (row) => mark(row.prev_month_1_success, row.prev_month_1_counts),
              wide: true,
            },
            {
              key: "before",
              label: t("performance.month_before"),
              cell: (row) => mark(row.prev_month_2_success, row.prev_month_2_counts),
              wide: true,
            },
            {
              key: "targets",
              label: t("performance.targets_of_day"),
              cell: (row) => `${row.targets.daily_ndp} / ${row.targets.daily_rdp}`,
              wide: true,
            },
          ]}
        />
      )}
    </div>
  );
}
