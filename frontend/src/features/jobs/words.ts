import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCodeText } from "@/lib/code-text";
import type { Run } from "./types";

const DAILY = /^\d{2}:\d{2}$/;
const HOURLY = /^(\d{1,2}) \* \* \* \*$/;
const EVERY_MINUTES = /^\*\/(\d+) \* \* \* \*$/;

/** A fixed time of day, as opposed to a cron expression. */
export const isDaily = (schedule: string) => DAILY.test(schedule);

/** What jobs, schedules and results are called. */
export function useJobWords() {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  return useMemo(
    () => ({
      title: (key: string) => codeText("jobs.name", key, key),
      about: (key: string) => codeText("jobs.about", key, ""),
      schedule: (schedule: string) => {
        if (isDaily(schedule)) return t("jobs.daily_at", { time: schedule });
        const minute = HOURLY.exec(schedule)?.[1];
        if (minute) return t("jobs.hourly_at", { minute });
        const minutes = EVERY_MINUTES.exec(schedule)?.[1];
        return minutes ? t("jobs.every_minutes", { count: Number(minutes) }) : schedule;
      },
      error: (code: string) => codeText("jobs.error", code, t("jobs.failed_with", { error: code })),
      /** "Expired: 3 · Warned: 1" */
      result: (result: Run["result"]) =>
        Object.entries(result ?? {})
          .map(([name, count]) => `${codeText("jobs.count", name, name)}: ${format.number(count)}`)
          .join(" · "),
      duration: (milliseconds: number) =>
        milliseconds < 10_000
          ? t("jobs.seconds", { seconds: format.number(Math.round(milliseconds / 10) / 100) })
          : format.duration(milliseconds / 1000),
    }),
    [t, format, codeText],
  );
}
