import { Ban, CircleCheck, CircleX, Hourglass, type LucideIcon, TimerOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge, type Tone } from "@/components/feedback";
import type { RecordRequest, RequestStatus } from "./types";

const LOOKS: Record<RequestStatus, { icon: LucideIcon; tone: Tone }> = {
  pending: { icon: Hourglass, tone: "info" },
  approved: { icon: CircleCheck, tone: "success" },
  rejected: { icon: CircleX, tone: "danger" },
  cancelled: { icon: Ban, tone: "neutral" },
  expired: { icon: TimerOff, tone: "warning" },
};

export function RequestStatusBadge({
  request,
}: {
  request: Pick<RecordRequest, "status" | "auto_approved">;
}) {
  const { t } = useTranslation();
  const { icon, tone } = LOOKS[request.status];
  const label =
    request.status === "approved" && request.auto_approved
      ? t("requests.auto_approved")
      : t(`requests.status.${request.status}`);
  return <StatusBadge icon={icon} tone={tone} label={label} />;
}
