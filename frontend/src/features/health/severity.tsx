import { CircleCheck, CircleDashed, Info, type LucideIcon, OctagonAlert, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge, type Tone } from "@/components/feedback";
import type { Check } from "./types";

const LOOKS: Record<string, { tone: Tone; icon: LucideIcon }> = {
  high: { tone: "danger", icon: OctagonAlert },
  medium: { tone: "warning", icon: TriangleAlert },
  low: { tone: "info", icon: Info },
};

/** How bad what a check finds is; a clean one says so, one that was never asked too. */
export function SeverityBadge({ check }: { check: Check }) {
  const { t } = useTranslation();
  if (!check.checked_at) return <StatusBadge icon={CircleDashed} label={t("health.never_asked")} />;
  if (check.count === 0) return <StatusBadge icon={CircleCheck} tone="success" label={t("health.clean")} />;
  const words: Record<string, string> = {
    high: t("health.severity.high"),
    medium: t("health.severity.medium"),
    low: t("health.severity.low"),
  };
  const { tone, icon } = LOOKS[check.severity] ?? (LOOKS.high as (typeof LOOKS)[string]);
  return <StatusBadge icon={icon} tone={tone} label={words[check.severity] ?? check.severity} />;
}
