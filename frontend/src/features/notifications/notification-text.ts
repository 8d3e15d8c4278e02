import type { LinkProps } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { knownText } from "@/lib/code-text";
import { useWhy } from "@/lib/reason-name";
import type { Notification } from "./api";

export type Target = Pick<LinkProps, "to" | "search">;
type Data = Notification["data"];

const batch = ({ batch_id }: Data): Target => ({
  to: "/customers",
  search: { group: typeof batch_id === "string" ? `batch:${batch_id}` : undefined },
});
const request = ({ request_id }: Data): Target => ({
  to: "/requests",
  search: { open: typeof request_id === "string" ? request_id : undefined },
});
const reservation = ({ reservation_id }: Data): Target => ({
  to: "/reserved",
  search: { open: typeof reservation_id === "string" ? reservation_id : undefined },
});
const deposit = ({ deposit_id }: Data): Target => ({
  to: "/omset",
  search: { tab: "ledger", open: typeof deposit_id === "string" ? deposit_id : undefined },
});
const reservations = (): Target => ({ to: "/reserved" });

/** What a notification of a type is about, and opens. */
const TARGETS: Record<string, (data: Data) => Target> = {
  records_assigned: batch,
  records_recalled: () => ({ to: "/customers" }),
  records_returned: batch,
  request_waiting: request,
  request_approved: (data) => (data.batch_id ? batch(data) : request(data)),
  request_rejected: request,
  request_cancelled: request,
  request_expired: request,
  request_lost_records: request,
  reservation_waiting: reservation,
  reservation_approved: reservation,
  reservation_rejected: reservation,
  reservation_released: reservation,
  reservation_expired: reservation,
  reservation_expiring: reservation,
  reservation_restored: reservation,
  reservation_auto_restored: reservation,
  // What was moved away is no longer the reader's to open.
  reservation_moved_away: reservations,
  reservation_moved_to_you: reservation,
  reservations_added: reservations,
  reservation_conflict: () => ({ to: "/customers" }),
  deposit_waiting: ({ deposit_id }) => ({
    to: "/omset/review",
    search: { open: typeof deposit_id === "string" ? deposit_id : undefined },
  }),
  deposit_approved: deposit,
  deposit_declined: deposit,
  invalid_records: ({ module, staff_id }) => ({
    to: "/validation",
    search: { group: module && staff_id ? `${module}:${staff_id}` : undefined },
  }),
  digest_follow_ups: () => ({ to: "/follow-ups" }),
  digest_at_risk: () => ({ to: "/retention", search: { tab: "at_risk" } }),
  digest_daily_summary: ({ date }) => ({
    to: "/omset",
    search:
      typeof date === "string" ? { tab: "ledger", start_date: date, end_date: date } : { tab: "ledger" },
  }),
  data_health: ({ check }) => ({
    to: "/admin/health",
    search: { open: typeof check === "string" ? check : undefined },
  }),
  webhook_switched_off: () => ({ to: "/admin/settings/webhooks" }),
  access_alert: ({ staff_id }) => ({
    to: "/admin/users",
    search: { open: typeof staff_id === "string" ? staff_id : undefined },
  }),
};

function poolName(t: TFunction, module: unknown): string {
  if (module === "memberwd") return t("nav.member_wd");
  if (module === "bonanza") return t("nav.bonanza");
  return t("nav.databases");
}

/** The server sends type and data; the words are made here, in the reader's language. */
export function useNotificationText(): (entry: Notification) => {
  title: string;
  text: string;
  target?: Target;
} {
  const { t, i18n } = useTranslation();
  const why = useWhy();
  const format = useFormat();
  /** How much of what somebody took, and how much is usual. */
  const access = ({ kind, count, usual }: Data): string | null => {
    if (typeof count !== "number") return null;
    const formatted = format.number(count);
    const taken = knownText(i18n, `inbox.access.${kind}`, { count, formatted });
    return typeof usual === "number"
      ? `${taken} · ${t("inbox.usual", { usual: format.number(usual) })}`
      : taken;
  };
  return ({ type, data }) => {
    const key = `inbox.types.${type}`;
    const values = {
      ...data,
      pool: poolName(t, data.module),
      by: data.by || t("inbox.system"),
      access: access(data),
      check: data.check && (knownText(i18n, `health.checks.${data.check}.name`) ?? data.check),
      money: typeof data.money === "number" ? format.number(data.money) : "",
      formatted: typeof data.count === "number" ? format.number(data.count) : "",
    };
    const title = knownText(i18n, key, values);
    const text = knownText(i18n, `${key}_text`, values);
    if (title === null || text === null) {
      return { title: t("inbox.types.unknown"), text: t("inbox.types.unknown_text") };
    }
    // What somebody wrote about it: the reason of a rejected request, the note on returned records.
    // Reservations also end for reasons of the house, which are codes.
    const reason =
      data.reason && (knownText(i18n, `reservations.reason.${data.reason}`) ?? why(String(data.reason)));
    const note = reason || data.note;
    const withNote = note ? `${text} · ${t("inbox.note", { note })}` : text;
    return { title, text: withNote, target: TARGETS[type]?.(data) };
  };
}
