import { Hourglass, LockKeyhole, ReceiptText, ShieldX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { StatTile } from "@/components/feedback";
import type { WaitingToday } from "./api";

/** What waits for a decision: one's own decision, or that of others; nothing while nothing waits. */
export function Waiting({ waiting }: { waiting: WaitingToday }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const held = waiting.held_records ?? 0;
  const tiles = [
    {
      count: waiting.requests,
      label: t("today.waiting_requests"),
      hint: held > 0 && t("today.held", { count: held, formatted: format.number(held) }),
      icon: Hourglass,
      to: "/requests",
      search: { tab: "pending" },
    },
    {
      count: waiting.reservations,
      label: t("today.waiting_reservations"),
      icon: LockKeyhole,
      to: "/reserved",
      search: { tab: "pending" },
    },
    can("deposits.manage")
      ? {
          count: waiting.deposits,
          label: t("today.waiting_deposits"),
          icon: ReceiptText,
          to: "/omset/review",
        }
      : {
          count: waiting.deposits,
          label: t("today.waiting_deposits"),
          icon: ReceiptText,
          to: "/omset",
          search: { tab: "ledger", status: "pending" },
        },
    {
      count: waiting.rejected_records,
      label: t("today.rejected"),
      hint: t("today.rejected_by", { count: waiting.rejected_staff ?? 0 }),
      icon: ShieldX,
      to: "/validation",
    },
  ].filter((tile) => (tile.count ?? 0) > 0);
  if (tiles.length === 0) return null;
  return (
    <section
      aria-label={can("requests.review") ? t("today.waiting") : t("today.waiting_own")}
      className="grid grid-cols-2 gap-2 lg:grid-cols-4"
    >
      {tiles.map(({ count, ...tile }) => (
        <StatTile key={tile.to} {...tile} value={format.number(count ?? 0)} />
      ))}
    </section>
  );
}
