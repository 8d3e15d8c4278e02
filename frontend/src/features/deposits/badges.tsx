import { CircleCheck, CircleX, CopyCheck, Hourglass, type LucideIcon, Repeat, Sparkles } from "lucide-react";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { StatusBadge, type Tone } from "@/components/feedback";
import { cn } from "@/lib/cn";
import { useCodeText } from "@/lib/code-text";
import type { CustomerType, Deposit, DepositStatus } from "./types";

/** NDP and RDP have one pair of colours everywhere (spec 6.4). */
const TYPE_LOOKS: Record<CustomerType, { icon: LucideIcon; tone: Tone }> = {
  NDP: { icon: Sparkles, tone: "accent" },
  RDP: { icon: Repeat, tone: "success" },
};

export function TypeBadge({ type }: { type: CustomerType }) {
  return <StatusBadge {...TYPE_LOOKS[type]} label={type} />;
}

const STATUS_LOOKS: Record<DepositStatus, { icon: LucideIcon; tone: Tone }> = {
  approved: { icon: CircleCheck, tone: "neutral" },
  pending: { icon: Hourglass, tone: "warning" },
  declined: { icon: CircleX, tone: "danger" },
};

export function DepositStatusBadge({ status }: { status: DepositStatus }) {
  const { t } = useTranslation();
  return <StatusBadge {...STATUS_LOOKS[status]} label={t(`deposits.status.${status}`)} />;
}

/** The class of a deposit that counts, or why it does not; what counts says no more than its class. */
export function DepositBadges({ deposit }: { deposit: Deposit }) {
  const { t } = useTranslation();
  const { customer_type, approval_status, possible_duplicate, tambahan } = deposit;
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      {customer_type && <TypeBadge type={customer_type} />}
      {approval_status !== "approved" && <DepositStatusBadge status={approval_status} />}
      {tambahan && <span className="text-muted text-xs">{t("deposits.tambahan")}</span>}
      {possible_duplicate && (
        <StatusBadge icon={CopyCheck} tone="warning" label={t("deposits.possible_duplicate")} />
      )}
    </span>
  );
}

/** Money, in full, right-aligned by its cell. */
export function Money({ value, className }: { value: number; className?: string }) {
  const format = useFormat();
  return <span className={cn("tabular whitespace-nowrap", className)}>{format.number(value)}</span>;
}

/** Why something is NDP or RDP, in a sentence. */
export function useWhy(): (found: { reason?: string | null; first_date?: string | null }) => string {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  return ({ reason, first_date }) => {
    if (!reason) return "";
    if (reason === "after_first_day" && first_date) {
      return t("deposits.first_day_was", { date: format.day(first_date) });
    }
    return codeText("deposits.why", reason, reason);
  };
}

/** By whom a customer is reserved: named to those who decide, to the others only that it is taken (spec 1.2). */
export function useConflictText(): (deposit: Deposit) => string | null {
  const { t } = useTranslation();
  return useCallback(
    ({ conflict_info }) => {
      if (!conflict_info) return null;
      const name = conflict_info.reserved_by_staff_name;
      return name ? t("deposits.reserved_by", { name }) : t("deposits.reserved_by_other");
    },
    [t],
  );
}
