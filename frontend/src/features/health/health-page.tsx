import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CircleCheck, RefreshCw, TriangleAlert, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ErrorState, StaleNote, StatTile, toast } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Card, Skeleton } from "@/components/ui/surface";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useTableSearch } from "@/lib/table-search";
import { ActivityLog } from "./activity";
import { healthOptions, useCheckNow } from "./api";
import { CheckList } from "./check-list";
import { CheckSheet } from "./check-sheet";
import { ConflictLogTab } from "./conflict-log";
import { MonitoringTab } from "./monitoring";
import { RepairDialog } from "./repair-dialog";
import { ScoreRing } from "./score-ring";
import { type HealthSearch, TABS } from "./search";
import type { Health } from "./types";

/** Whether the data is in step: proven by checks, put right by repairs that can be undone (spec 3.5). */
export function HealthPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const search = useTableSearch<HealthSearch>();
  const tab = search.values.tab ?? "checks";
  const checkNow = useCheckNow();
  return (
    <>
      <PageHeader
        title={t("health.title")}
        description={t("health.description")}
        actions={
          <Button
            variant="primary"
            busy={checkNow.isPending}
            onClick={() =>
              checkNow.mutate(undefined, {
                onSuccess: ({ health_score, notifications_sent }) =>
                  toast.success(t("health.checked_now", { score: format.number(health_score) }), {
                    description:
                      notifications_sent > 0
                        ? t("health.told", {
                            count: notifications_sent,
                            formatted: format.number(notifications_sent),
                          })
                        : undefined,
                  }),
              })
            }
          >
            <RefreshCw aria-hidden />
            {t("health.check_now")}
          </Button>
        }
      />
      <Tabs
        value={tab}
        onValueChange={(next) =>
          void navigate({
            to: "/admin/health",
            search: next === "checks" ? {} : { tab: next as HealthSearch["tab"] },
          })
        }
      >
        <TabsList className="mb-4" aria-label={t("health.title")}>
          {TABS.map((name) => (
            <TabsTrigger key={name} value={name}>
              {t(`health.tabs.${name}`)}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value={tab} key={tab}>
          {tab === "checks" && <Checks />}
          {tab === "activity" && <ActivityLog />}
          {tab === "conflicts" && <ConflictLogTab />}
          {tab === "monitoring" && <MonitoringTab />}
        </TabsContent>
      </Tabs>
    </>
  );
}

function Checks() {
  const search = useTableSearch<HealthSearch>();
  const query = useQuery(healthOptions);
  const [repairing, setRepairing] = useState<string | null>(null);
  const opened = query.data?.checks.find((check) => check.type === search.values.open);
  if (!query.data) {
    if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
    return (
      <div aria-busy className="grid gap-4">
        <Skeleton className="h-36" />
        <Skeleton className="h-64" />
      </div>
    );
  }
  return (
    <div className="grid gap-6">
      {query.isError && <StaleNote error={query.error} onRetry={() => query.refetch()} />}
      <Summary health={query.data} />
      <CheckList checks={query.data.checks} onOpen={(type) => search.setOpen(type)} onRepair={setRepairing} />
      {opened && (
        <CheckSheet
          check={opened}
          onClose={() => search.setOpen(undefined)}
          onRepair={() => setRepairing(opened.type)}
        />
      )}
      {repairing && <RepairDialog type={repairing} onClose={() => setRepairing(null)} />}
    </div>
  );
}

function Summary({ health }: { health: Health }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { stats } = health;
  return (
    <Card className="flex flex-col items-center gap-5 p-4 sm:flex-row sm:gap-8 sm:p-5">
      <ScoreRing score={health.health_score} status={health.status} />
      <div className="grid w-full gap-3">
        <div className="grid grid-cols-2 gap-2 sm:grid-cols-3">
          <StatTile
            label={t("health.tiles.clean")}
            value={t("health.tiles.of", {
              done: format.number(stats.clean),
              total: format.number(stats.checks),
            })}
            icon={CircleCheck}
          />
          <StatTile
            label={t("health.tiles.at_fault")}
            value={format.number(stats.at_fault)}
            icon={TriangleAlert}
          />
          <StatTile
            label={t("health.tiles.conflicts")}
            value={format.number(stats.open_conflicts)}
            icon={Users}
            to="/reserved/conflicts"
          />
        </div>
        <p className="text-muted text-xs">
          {t("health.checked", { when: format.relative(health.checked_at) })} · {t("health.how_scored")}
        </p>
      </div>
    </Card>
  );
}
