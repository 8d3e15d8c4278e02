/** Display of instants, counts and sizes. Every instant is shown in the business zone, never the browser's (spec 6.4). */

export function formatDateTime(iso: string, locale: string, zone: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone: zone }).format(
    new Date(iso),
  );
}

export function formatDate(iso: string, locale: string, zone: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: zone }).format(new Date(iso));
}

/** A business date ("2025-03-01") written out; it has no time of day and so no zone to be shifted by. */
export function formatLongDate(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "full", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

/** The same, short enough for a list. */
export function formatDay(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

/** The month of a business date, written out: "March 2025". */
export function formatMonth(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

/** The weekday of a business date, short enough for the head of a calendar. */
export function formatWeekday(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

export function formatTime(iso: string, locale: string, zone: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone: zone }).format(new Date(iso));
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 minutes ago"; under a minute counts as now. */
export function formatRelative(iso: string, locale: string, now: number): string {
  const seconds = Math.round((new Date(iso).getTime() - now) / 1000);
  const formatter = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return formatter.format(Math.trunc(seconds / size), unit);
  }
  return formatter.format(0, "second");
}

export function formatNumber(value: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** "1.5M", "1,5 jt": at most one decimal, for axes and marks; the full figure stands in the table and the label. */
export function formatCompact(value: number, locale: string): string {
  // Short in English is the American short; British English writes "1.5m" and "2bn".
  const language = locale.startsWith("id") ? locale : "en";
  return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** A business date or a month ("2025-03-01", "2025-03") as short as an axis needs it. */
export function formatTick(bucket: string, locale: string): string {
  const whole = bucket.length === 7;
  return new Intl.DateTimeFormat(locale, {
    ...(whole ? { month: "short", year: "2-digit" } : { day: "numeric", month: "short" }),
    timeZone: "UTC",
  }).format(new Date(`${whole ? `${bucket}-01` : bucket}T00:00:00Z`));
}

const SIZES = ["B", "kB", "MB", "GB"];

export function formatBytes(bytes: number, locale: string): string {
  let value = bytes;
  let step = 0;
  while (value >= 1000 && step < SIZES.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = step === 0 || value >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value)} ${SIZES[step]}`;
}

/** Seconds as m:ss or h:mm:ss, for an estimate of the time left. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
