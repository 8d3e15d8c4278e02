/** What a mark is of, as it stands in the address. */

/** The page's own staff and days, not narrowed further. */
export const EVERYBODY = "all";

export const isDay = (of: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(of);

const WEEK = "week:";

/** A bucket of a trend; of a week, its Monday with a word before it. */
export const bucketNamed = (date: string, granularity: string): string =>
  granularity === "weekly" ? `${WEEK}${date}` : date;

export function bucketOf(of: string): { date: string; granularity: "daily" | "weekly" | "monthly" } {
  if (of.startsWith(WEEK)) return { date: of.slice(WEEK.length), granularity: "weekly" };
  return { date: of, granularity: of.length === 7 ? "monthly" : "daily" };
}

/** One staff on one day of the week, Monday 0. */
export const weekdayNamed = (weekday: number, staffId: string): string => `${weekday}:${staffId}`;

export function weekdayOf(of: string): { weekday: number; staffId: string } {
  return { weekday: Number(of.slice(0, 1)) || 0, staffId: of.slice(2) };
}
