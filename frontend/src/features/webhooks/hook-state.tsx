import { CircleCheck, CircleDashed, CircleX, Hourglass, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/components/feedback";
import { useCodeText } from "@/lib/code-text";
import type { Delivery, Webhook } from "./api";

/** Whether a webhook is told, and how that goes. */
export function HookBadge({ hook }: { hook: Webhook }) {
  const { t } = useTranslation();
  const codeText = useCodeText();
  if (hook.off_reason) {
    const label = codeText("webhooks.off_reason", hook.off_reason, t("webhooks.off"));
    return <StatusBadge label={label} icon={CircleX} tone="danger" />;
  }
  if (!hook.is_active) return <StatusBadge label={t("webhooks.off")} icon={CircleDashed} />;
  return hook.failures > 0 ? (
    <StatusBadge label={t("webhooks.failing")} icon={TriangleAlert} tone="warning" />
  ) : (
    <StatusBadge label={t("webhooks.on")} icon={CircleCheck} tone="success" />
  );
}

const STATES = {
  waiting: { icon: Hourglass, tone: "info" },
  sent: { icon: CircleCheck, tone: "success" },
  failed: { icon: CircleX, tone: "danger" },
  off: { icon: CircleDashed, tone: "neutral" },
} as const;

export function DeliveryBadge({ state }: { state: Delivery["state"] }) {
  const { t } = useTranslation();
  return <StatusBadge label={t(`webhooks.delivery.${state}`)} {...STATES[state]} />;
}
