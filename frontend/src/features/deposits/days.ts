/** Ranges of business days, counted from the business day of the server, never the browser's (spec 1.4). */

export type DayRange = { start_date: string; end_date: string };

const DAY_MS = 86_400_000;

const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const named = (time: number): string => new Date(time).toISOString().slice(0, 10);

export const addDays = (day: string, days: number): string => named(at(day) + days * DAY_MS);

/** The first day of the month that lies `months` before that of a day. */
export function monthStart(day: string, months = 0): string {
  const [year = 0, month = 1] = day.split("-").map(Number);
  return named(Date.UTC(year, month - 1 - months, 1));
}

export const PRESETS = ["today", "yesterday", "week", "month", "last_month"] as const;

export type Preset = (typeof PRESETS)[number];

export function presetRange(preset: Preset, today: string): DayRange {
  switch (preset) {
    case "today":
      return { start_date: today, end_date: today };
    case "yesterday":
      return { start_date: addDays(today, -1), end_date: addDays(today, -1) };
    case "week":
      return { start_date: addDays(today, -6), end_date: today };
    case "month":
      return { start_date: monthStart(today), end_date: today };
    case "last_month":
      return { start_date: monthStart(today, 1), end_date: addDays(monthStart(today), -1) };
  }
}
