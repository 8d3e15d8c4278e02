import type { i18n as I18n } from "i18next";
import { useTranslation } from "react-i18next";

/** The text of a key that is only known at run time (a server code), or null when we have no words for it. */
export function knownText(i18n: I18n, key: string, values: Record<string, unknown> = {}): string | null {
  const translate = i18n.t as unknown as (key: string, values: Record<string, unknown>) => string;
  return i18n.exists(key, values) ? translate(key, values) : null;
}

/** Words for a code that the server sent: `codeText("imports.reason", code, code)`; a code we do not know: `otherwise`. */
export function useCodeText(): (group: string, code: string, otherwise: string) => string {
  const { i18n } = useTranslation();
  return (group, code, otherwise) => knownText(i18n, `${group}.${code}`) ?? otherwise;
}
