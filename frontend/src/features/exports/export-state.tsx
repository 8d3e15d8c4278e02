import type { LucideIcon } from "lucide-react";
import { CircleCheck, CircleX, Clock, LoaderCircle, PowerOff, TimerOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/components/feedback";
import type { ExportState } from "./types";

const LOOKS: Record<ExportState, [LucideIcon, "neutral" | "info" | "success" | "warning" | "danger"]> = {
  queued: [Clock, "info"],
  running: [LoaderCircle, "info"],
  done: [CircleCheck, "success"],
  failed: [CircleX, "danger"],
  cancelled: [CircleX, "neutral"],
  interrupted: [PowerOff, "warning"],
  expired: [TimerOff, "neutral"],
};

/** How an export stands: text, icon and colour. */
export function ExportBadge({ state }: { state: ExportState }) {
  const { t } = useTranslation();
  const [icon, tone] = LOOKS[state];
  return <StatusBadge label={t(`exports.state.${state}`)} icon={icon} tone={tone} />;
}
