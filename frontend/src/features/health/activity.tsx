import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { Activity as ActivityIcon, Radar, Settings2, Undo2, Wrench } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { columnHelper, DataTable } from "@/components/data-table";
import { StatusBadge } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { useTableSearch } from "@/lib/table-search";
import { activityOptions } from "./api";
import type { HealthSearch } from "./search";
import type { Activity } from "./types";
import { useUndoing } from "./use-repair-toast";
import { useCheckWords } from "./words";

/** What was checked, repaired, undone and changed, and by whom. */
export function ActivityLog() {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useCheckWords();
  const search = useTableSearch<HealthSearch>();
  const query = useQuery(activityOptions(search.values));
  const { undo, busy } = useUndoing();
  const columns = useMemo(() => activityColumns(t, format, words), [t, format, words]);
  return (
    <DataTable
      id="health-activity"
      label={t("health.tabs.activity")}
      columns={columns}
      query={query}
      search={search}
      getRowId={(row) => row.id}
      empty={{
        icon: ActivityIcon,
        title: t("health.activity.empty"),
        description: t("health.activity.empty_hint"),
      }}
      rowActions={(row) =>
        row.can_undo && row.repair_id ? (
          <Button size="sm" busy={busy} onClick={() => undo(row.repair_id as string)}>
            <Undo2 aria-hidden />
            {t("common.undo")}
          </Button>
        ) : null
      }
    />
  );
}

function activityColumns(
  t: TFunction,
  format: ReturnType<typeof useFormat>,
  words: ReturnType<typeof useCheckWords>,
) {
  const column = columnHelper<Activity>();
  const kinds: Record<string, { label: string; icon: typeof Wrench }> = {
    repair: { label: t("health.activity.repair"), icon: Wrench },
    repair_undone: { label: t("health.activity.repair_undone"), icon: Undo2 },
    proactive_health_check: { label: t("health.activity.check"), icon: Radar },
    monitoring_changed: { label: t("health.activity.monitoring"), icon: Settings2 },
  };
  const number = (value: unknown) => format.number(typeof value === "number" ? value : 0);
  const detail = ({ type, detail: facts }: Activity) => {
    if (type === "proactive_health_check") {
      return t("health.activity.result", {
        score: number(facts.health_score),
        issues: number(Number(facts.issues_found) + Number(facts.warnings_found)),
        told: number(facts.notifications_sent),
      });
    }
    if (typeof facts.check === "string") return `${words.name(facts.check)}: ${number(facts.count)}`;
    return "";
  };
  return [
    column("type", {
      label: t("health.activity.what"),
      card: "title",
      hideable: false,
      cell: (row) => {
        const kind = kinds[row.type] ?? { label: row.type, icon: ActivityIcon };
        return <StatusBadge icon={kind.icon} label={kind.label} />;
      },
    }),
    column("detail", { label: t("health.activity.detail"), className: "min-w-48", cell: detail }),
    column("actor", {
      label: t("health.activity.who"),
      cell: (row) => (
        <span className="break-words">
          {row.actor_name === "system" ? t("inbox.system") : row.actor_name}
        </span>
      ),
    }),
    column("at", {
      label: t("health.activity.when"),
      cell: (row) => (
        <time dateTime={row.at} title={format.dateTime(row.at)} className="whitespace-nowrap">
          {format.relative(row.at)}
        </time>
      ),
    }),
  ];
}
