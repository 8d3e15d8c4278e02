import type { i18n as I18n } from "i18next";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/api/problem";
import { isServersLanguage } from "@/i18n";
import { knownText } from "@/lib/code-text";

/**
 * What to tell a person about a failure: our own sentence for a known code, else what is wrong with its fields where the
 * server speaks another language than the reader, else the server's, never a stack.
 */
export function problemText(i18n: I18n, error: unknown): string {
  if (!isProblem(error)) return i18n.t("problems.unexpected");
  const known = knownText(i18n, `problems.${error.code}`, {
    ...error.extras,
    seconds: error.retryAfter ?? 0,
  });
  if (known) return known;
  if (error.status >= 500) return i18n.t("problems.server");
  const fields = isServersLanguage() ? [] : [...new Set(error.errors.map(({ message }) => message))];
  return fields.join(" ") || error.detail || error.title || i18n.t("problems.unexpected");
}

export function useProblemText(): (error: unknown) => string {
  const { i18n } = useTranslation();
  return (error) => problemText(i18n, error);
}
