import { CalendarPlus, Hourglass, Lock, UserCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { StatTile } from "@/components/feedback";
import type { RequestStats } from "./types";

/** Requests at a glance: what waits, what it holds, and what today has brought. */
export function RequestTiles({ stats }: { stats: RequestStats | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const tiles = [
    { label: t("requests.tiles.waiting"), value: stats?.pending, icon: Hourglass },
    { label: t("requests.tiles.held"), value: stats?.held_records, icon: Lock },
    { label: t("requests.tiles.today_requested"), value: stats?.today_requested, icon: CalendarPlus },
    { label: t("requests.tiles.today_assigned"), value: stats?.today_assigned, icon: UserCheck },
  ];
  return (
    <div className="mb-4 grid grid-cols-2 gap-2 lg:grid-cols-4">
      {tiles.map((tile) => (
        <StatTile
          key={tile.label}
          label={tile.label}
          icon={tile.icon}
          value={format.number(tile.value ?? 0)}
          loading={!stats}
        />
      ))}
    </div>
  );
}
