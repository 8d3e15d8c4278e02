import { CircleCheck, Clock, type LucideIcon, OctagonAlert, TrendingUp, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge, type Tone } from "@/components/feedback";
import type { StaffProgress } from "./types";

const LOOKS: Record<1 | 2 | 3, { icon: LucideIcon; tone: Tone }> = {
  1: { icon: Clock, tone: "warning" },
  2: { icon: TriangleAlert, tone: "warning" },
  3: { icon: OctagonAlert, tone: "danger" },
};

/** How somebody stands, in words: reached, on the way, or one of three warnings. */
export function LevelBadge({ row }: { row: StaffProgress }) {
  const { t } = useTranslation();
  const { warning_level, success_days, required_success_days } = row;
  if (warning_level === 1 || warning_level === 2 || warning_level === 3) {
    return <StatusBadge {...LOOKS[warning_level]} label={t(`performance.level.${warning_level}`)} />;
  }
  return success_days >= required_success_days ? (
    <StatusBadge icon={CircleCheck} tone="success" label={t("performance.level.reached")} />
  ) : (
    <StatusBadge icon={TrendingUp} tone="info" label={t("performance.level.on_the_way")} />
  );
}
