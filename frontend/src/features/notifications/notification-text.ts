import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { knownText } from "@/lib/code-text";
import type { Notification } from "./api";

/** Where a notification of this type leads. */
const TARGETS: Record<string, string> = {
  records_assigned: "/customers",
  records_recalled: "/customers",
};

function poolName(t: TFunction, module: unknown): string {
  if (module === "memberwd") return t("nav.member_wd");
  if (module === "bonanza") return t("nav.bonanza");
  return t("nav.databases");
}

/** The server sends type and data; the words are made here, in the reader's language. */
export function useNotificationText(): (entry: Notification) => { title: string; text: string; to?: string } {
  const { t, i18n } = useTranslation();
  return ({ type, data }) => {
    const key = `inbox.types.${type}`;
    const values = { ...data, pool: poolName(t, data.module), by: data.by || t("inbox.system") };
    const title = knownText(i18n, key, values);
    const text = knownText(i18n, `${key}_text`, values);
    if (title === null || text === null) {
      return { title: t("inbox.types.unknown"), text: t("inbox.types.unknown_text") };
    }
    return { title, text, to: TARGETS[type] };
  };
}
