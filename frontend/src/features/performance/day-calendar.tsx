import { Check } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { TypeBadge } from "@/features/deposits";
import { cn } from "@/lib/cn";
import type { DayProgress } from "./types";

/** Monday = 0. Business dates have no zone. */
export const weekdayOf = (day: string) => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

const MONDAY = "2024-01-01";
const WEEK = Array.from({ length: 7 }, (_, number) => MONDAY.replace(/01$/, `0${number + 1}`));

/** A month of days: NDP and RDP of each, and by which of them it succeeded. */
export function DayCalendar({
  days,
  year,
  month,
  length,
  today,
}: {
  days: readonly DayProgress[];
  year: number;
  month: number;
  length: number;
  today: string;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const known = new Map(days.map((day) => [day.date, day]));
  const prefix = `${year}-${String(month).padStart(2, "0")}`;
  const all = Array.from({ length }, (_, index) => `${prefix}-${String(index + 1).padStart(2, "0")}`);
  return (
    <div>
      <div className="grid grid-cols-7 gap-1 pb-1 text-center text-muted text-xs" aria-hidden>
        {WEEK.map((day) => (
          <span key={day}>{format.weekday(day)}</span>
        ))}
      </div>
      <ol className="grid grid-cols-7 gap-1" aria-label={t("performance.days")}>
        {all.map((date, index) => {
          const day = known.get(date);
          const style = index === 0 ? { gridColumnStart: weekdayOf(date) + 1 } : undefined;
          return (
            <li
              key={date}
              style={style}
              aria-current={date === today ? "date" : undefined}
              className={cn(
                "min-h-16 rounded-md border p-1 text-xs sm:p-1.5",
                day?.target_met && "border-success/50 bg-success-soft",
                !day && "border-dashed text-muted",
                date === today && "ring-2 ring-accent",
              )}
            >
              <span className="flex items-center justify-between font-medium">
                <span className="sr-only">{format.day(date)}</span>
                <span aria-hidden>{index + 1}</span>
                {day?.target_met && (
                  <>
                    <Check className="size-3.5 text-success" aria-hidden />
                    <span className="sr-only">{t("performance.met_via", { type: day.met_via })}</span>
                  </>
                )}
              </span>
              {day && (day.ndp > 0 || day.rdp > 0) && (
                <span className="tabular mt-1 block leading-tight">
                  <span className={cn("block", day.met_via === "NDP" && "font-semibold")}>
                    <span className="max-sm:hidden">NDP </span>
                    {day.ndp}
                    <span className="sm:hidden" aria-hidden>
                      {" "}
                      N
                    </span>
                  </span>
                  <span className={cn("block", day.met_via === "RDP" && "font-semibold")}>
                    <span className="max-sm:hidden">RDP </span>
                    {day.rdp}
                    <span className="sm:hidden" aria-hidden>
                      {" "}
                      R
                    </span>
                  </span>
                </span>
              )}
            </li>
          );
        })}
      </ol>
      <p className="mt-2 flex flex-wrap items-center gap-2 text-muted text-xs">
        <Check className="size-3.5 text-success" aria-hidden />
        {t("performance.calendar_hint")}
        <TypeBadge type="NDP" />
        <TypeBadge type="RDP" />
      </p>
    </div>
  );
}
