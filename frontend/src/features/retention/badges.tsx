import {
  CircleAlert,
  Crown,
  Heart,
  type LucideIcon,
  OctagonAlert,
  Repeat,
  Sprout,
  TriangleAlert,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge, type Tone } from "@/components/feedback";
import type { Badge, RiskLevel } from "./types";

export const RISK_ICONS: Record<RiskLevel, LucideIcon> = {
  critical: OctagonAlert,
  high: TriangleAlert,
  medium: CircleAlert,
};

const RISK_TONES: Record<RiskLevel, Tone> = { critical: "danger", high: "warning", medium: "info" };

/** How much at risk a customer is: text, icon and colour. */
export function RiskBadge({ level }: { level: RiskLevel }) {
  const { t } = useTranslation();
  return (
    <StatusBadge icon={RISK_ICONS[level]} tone={RISK_TONES[level]} label={t(`retention.risk.${level}`)} />
  );
}

const LOYALTY: Record<Badge, { icon: LucideIcon; tone: Tone }> = {
  VIP: { icon: Crown, tone: "accent" },
  Loyal: { icon: Heart, tone: "success" },
  Regular: { icon: Repeat, tone: "info" },
  New: { icon: Sprout, tone: "neutral" },
};

/** The loyalty badge of a customer, with the score it comes from. */
export function LoyaltyBadge({ badge, score }: { badge: Badge; score: number }) {
  const { t } = useTranslation();
  return (
    <span className="inline-flex items-center gap-1.5">
      <StatusBadge {...LOYALTY[badge]} label={t(`retention.badge.${badge}`)} />
      <span className="tabular text-muted text-xs">{score}</span>
    </span>
  );
}
