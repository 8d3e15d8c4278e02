import { useTranslation } from "react-i18next";
import { knownText } from "./code-text";

/** Why a record was judged invalid, in words (spec 2.4); what an older client wrote is shown as it came. */
export function useReasonName(): (code: string) => string {
  const { i18n } = useTranslation();
  return (code) => knownText(i18n, `reasons.${code}`) ?? code;
}

/** Why something happened: the house's own reasons and those of a verdict in words; what somebody wrote, as it is. */
export function useWhy(): (text: string) => string {
  const { i18n } = useTranslation();
  const reasonName = useReasonName();
  return (text) =>
    knownText(i18n, `customers.timeline.why.${text}`) ??
    knownText(i18n, `reservations.reason.${text}`) ??
    reasonName(text);
}
