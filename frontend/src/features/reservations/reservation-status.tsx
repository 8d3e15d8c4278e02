import {
  Ban,
  CircleX,
  Hourglass,
  Infinity as InfinityIcon,
  LockOpen,
  type LucideIcon,
  RotateCcw,
  ShieldCheck,
  TimerOff,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { StatusBadge, type Tone } from "@/components/feedback";
import { cn } from "@/lib/cn";
import type { Reservation, ReservationStatus } from "./types";

const LOOKS: Record<ReservationStatus, { icon: LucideIcon; tone: Tone }> = {
  pending: { icon: Hourglass, tone: "info" },
  approved: { icon: ShieldCheck, tone: "success" },
  rejected: { icon: CircleX, tone: "danger" },
  cancelled: { icon: Ban, tone: "neutral" },
  expired: { icon: TimerOff, tone: "warning" },
  released: { icon: LockOpen, tone: "neutral" },
};

export function ReservationBadge({
  reservation,
}: {
  reservation: Pick<Reservation, "status" | "auto_reassigned">;
}) {
  const { t } = useTranslation();
  const { status, auto_reassigned } = reservation;
  return (
    <span className="inline-flex flex-wrap gap-1">
      <StatusBadge {...LOOKS[status]} label={t(`reservations.status.${status}`)} />
      {auto_reassigned && <StatusBadge icon={RotateCcw} tone="neutral" label={t("reservations.came_back")} />}
    </span>
  );
}

/** Fewer days than this are worth a second look, whatever the owner is warned of. */
const SOON = 7;

/** How long a reservation lasts without a deposit (spec 3.3). */
export function Countdown({
  reservation,
}: {
  reservation: Pick<Reservation, "is_permanent" | "remaining_days" | "expires_on">;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { is_permanent, remaining_days, expires_on } = reservation;
  if (is_permanent) {
    return <StatusBadge icon={InfinityIcon} tone="accent" label={t("reservations.permanent")} />;
  }
  if (remaining_days == null || !expires_on) return <span className="text-muted">–</span>;
  const tone = remaining_days < 0 ? "text-danger" : remaining_days <= SOON ? "text-warning" : undefined;
  return (
    <span className="grid">
      <span className={cn("tabular whitespace-nowrap", tone)}>
        {remaining_days < 0
          ? t("reservations.over")
          : t("reservations.days_left", { count: remaining_days, formatted: format.number(remaining_days) })}
      </span>
      <time dateTime={expires_on} className="whitespace-nowrap text-muted text-xs">
        {format.day(expires_on)}
      </time>
    </span>
  );
}
