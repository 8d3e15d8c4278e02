import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import * as format from "@/lib/format";
import { get } from "./client";

export type ServerTime = { now: string; today: string; zone: string; instance?: string };

export const serverTimeOptions = queryOptions({
  queryKey: ["server-time"],
  queryFn: ({ signal }) => get<ServerTime>("/api/server-time", undefined, signal),
  staleTime: 10 * 60_000,
});

/** Until the server has named its zone, the default business zone (spec 1.1). */
const DEFAULT_ZONE = "Asia/Jakarta";

/** Formatters bound to the language on screen and the business zone. */
export function useFormat() {
  const { i18n } = useTranslation();
  const { data } = useQuery(serverTimeOptions);
  const zone = data?.zone ?? DEFAULT_ZONE;
  const locale = i18n.language === "id" ? "id-ID" : "en-GB";
  return useMemo(
    () => ({
      zone,
      dateTime: (iso: string) => format.formatDateTime(iso, locale, zone),
      date: (iso: string) => format.formatDate(iso, locale, zone),
      longDate: (day: string) => format.formatLongDate(day, locale),
      day: (day: string) => format.formatDay(day, locale),
      month: (day: string) => format.formatMonth(day, locale),
      weekday: (day: string) => format.formatWeekday(day, locale),
      time: (iso: string) => format.formatTime(iso, locale, zone),
      relative: (iso: string) => format.formatRelative(iso, locale, Date.now()),
      tick: (bucket: string) => format.formatTick(bucket, locale),
      compact: (value: number) => format.formatCompact(value, locale),
      number: (value: number) => format.formatNumber(value, locale),
      bytes: (value: number) => format.formatBytes(value, locale),
      duration: format.formatDuration,
    }),
    [locale, zone],
  );
}
