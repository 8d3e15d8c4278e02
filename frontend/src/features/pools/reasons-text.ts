import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCodeText } from "@/lib/code-text";
import type { ReasonCount } from "./types";

/** Why records were left out, in one line: "2 × Archived · 1 × No longer there". */
export function useReasonsText(): (reasons: readonly ReasonCount[]) => string {
  const { t } = useTranslation();
  const codeText = useCodeText();
  const format = useFormat();
  return (reasons) =>
    reasons
      .map(({ reason, count }) =>
        t("pools.skipped", {
          number: format.number(count),
          reason: codeText("pools.reason", reason, reason),
        }),
      )
      .join(" · ");
}
