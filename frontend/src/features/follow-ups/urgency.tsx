import {
  AlarmClock,
  BadgeCheck,
  CircleCheck,
  Clock3,
  Flame,
  type LucideIcon,
  Moon,
  Sun,
  XCircle,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { StatusBadge, type Tone } from "@/components/feedback";
import type { FollowUp, Urgency } from "./types";

export const URGENCY_LOOK: Record<Urgency, { icon: LucideIcon; tone: Tone }> = {
  critical: { icon: Flame, tone: "danger" },
  high: { icon: AlarmClock, tone: "warning" },
  medium: { icon: Clock3, tone: "info" },
  low: { icon: Sun, tone: "neutral" },
};

export const STATE_LOOK: Record<Exclude<FollowUp["state"], "open">, { icon: LucideIcon; tone: Tone }> = {
  snoozed: { icon: Moon, tone: "accent" },
  done: { icon: CircleCheck, tone: "success" },
  lost: { icon: XCircle, tone: "neutral" },
  deposited: { icon: BadgeCheck, tone: "success" },
};

/** How urgent it is, or what became of it. */
export function FollowUpBadge({ followUp }: { followUp: FollowUp }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { state, urgency, snoozed_until } = followUp;
  if (state === "open") {
    return <StatusBadge {...URGENCY_LOOK[urgency]} label={t(`followups.urgency.${urgency}`)} />;
  }
  const label =
    state === "snoozed" && snoozed_until
      ? t("followups.until", { day: format.day(snoozed_until) })
      : t(`followups.state.${state}`);
  return <StatusBadge {...STATE_LOOK[state]} label={label} />;
}

/** When the customer said yes, and how many days ago that is on the business calendar. */
export function Answered({ followUp }: { followUp: FollowUp }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span className="grid">
      <time dateTime={followUp.respond_at} title={format.dateTime(followUp.respond_at)} className="tabular">
        {format.day(followUp.respond_date)}
      </time>
      <span className="text-muted text-xs">
        {t("followups.days_ago", {
          count: followUp.days_since_response,
          formatted: format.number(followUp.days_since_response),
        })}
      </span>
    </span>
  );
}
