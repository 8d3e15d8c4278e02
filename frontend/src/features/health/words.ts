import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { knownText } from "@/lib/code-text";
import type { Check } from "./types";

/** Words for checks. One that we have no words for is told in the server's. */
export function useCheckWords() {
  const { i18n } = useTranslation();
  const format = useFormat();
  return {
    name: (type: string) => knownText(i18n, `health.checks.${type}.name`) ?? type,
    /** What is wrong where it finds something. */
    finding: ({ type, count, message }: Check) =>
      knownText(i18n, `health.checks.${type}.finding`, { count, formatted: format.number(count) }) ?? message,
    /** What is always so while it finds nothing, and why it matters. */
    promise: (type: string) => knownText(i18n, `health.checks.${type}.promise`),
    /** What repairing does; null where a person has to decide. */
    repair: (type: string) => knownText(i18n, `health.checks.${type}.repair`),
    advice: (type: string) => knownText(i18n, `health.checks.${type}.advice`),
  };
}
