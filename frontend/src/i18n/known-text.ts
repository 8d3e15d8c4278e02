import type { i18n as I18n } from "i18next";

/** The text of a key that is only known at run time (a server code), or null when we have no words for it. */
export function knownText(i18n: I18n, key: string, values: Record<string, unknown> = {}): string | null {
  const translate = i18n.t as unknown as (key: string, values: Record<string, unknown>) => string;
  return i18n.exists(key, values) ? translate(key, values) : null;
}
