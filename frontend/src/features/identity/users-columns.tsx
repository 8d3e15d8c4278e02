import type { TFunction } from "i18next";
import { CircleDashed, CircleDot, CircleOff, Clock3 } from "lucide-react";
import type { useFormat } from "@/api/server-time";
import { columnHelper } from "@/components/data-table";
import { StatusBadge, type Tone } from "@/components/feedback";
import type { Presence, User } from "./api";

const PRESENCE: Record<Presence, { icon: typeof CircleDot; tone: Tone }> = {
  online: { icon: CircleDot, tone: "success" },
  idle: { icon: Clock3, tone: "warning" },
  offline: { icon: CircleDashed, tone: "neutral" },
};

export function usersColumns(t: TFunction, format: ReturnType<typeof useFormat>) {
  const column = columnHelper<User>();
  return [
    column("name", {
      label: t("users.name"),
      card: "title",
      hideable: false,
      cell: (user) => (
        <span className="grid">
          <span className="font-medium">{user.name}</span>
          <span className="break-all text-muted text-xs">{user.email}</span>
        </span>
      ),
    }),
    column("role", { label: t("users.role"), cell: (user) => t(`roles.${user.role}`) }),
    column("presence", {
      label: t("users.presence"),
      cell: (user) =>
        user.is_active ? (
          <StatusBadge label={t(`users.presence_${user.presence}`)} {...PRESENCE[user.presence]} />
        ) : (
          <StatusBadge label={t("users.inactive")} icon={CircleOff} tone="danger" />
        ),
    }),
    column("last_seen", {
      label: t("users.last_seen"),
      cell: (user) =>
        user.last_seen_at ? (
          <time dateTime={user.last_seen_at} title={format.dateTime(user.last_seen_at)}>
            {format.relative(user.last_seen_at)}
          </time>
        ) : (
          <span className="text-muted">{t("common.never")}</span>
        ),
    }),
    column("capacity", {
      label: t("users.capacity"),
      align: "end",
      cell: (user) =>
        user.capacity == null ? <span className="text-muted">–</span> : format.number(user.capacity),
    }),
    column("blocked", {
      label: t("users.blocked_pages"),
      card: "hidden",
      align: "end",
      cell: (user) =>
        user.blocked_pages.length === 0 ? <span className="text-muted">–</span> : user.blocked_pages.length,
    }),
    column("created_at", {
      label: t("users.created_at"),
      startsHidden: true,
      card: "hidden",
      cell: (user) => format.date(user.created_at),
    }),
  ];
}
