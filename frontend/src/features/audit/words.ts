import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { knownText, useCodeText } from "@/lib/code-text";
import type { Trace } from "./api";

/** Where the words for what is done to these stand already. */
const HISTORIES: Record<string, string> = {
  records: "pools.history.kind",
  reservation: "reservations.event",
  request: "requests.event",
  deposit: "deposits.event",
};

/** What was done, to what, and its details, in words; what we have no words for is shown as it is. */
export function useTraceWords() {
  const { t, i18n } = useTranslation();
  const codeText = useCodeText();
  return useMemo(
    () => ({
      action: ({ action, kind }: Trace) => {
        const [, code = action] = action.split(/\.(.*)/s);
        const own = knownText(i18n, `audit.actions.${action}`);
        if (own) return own;
        const history = HISTORIES[kind];
        return history ? codeText(history, code, action) : action;
      },
      kind: (kind: string) => codeText("audit.kinds", kind, kind),
      detail: (name: string) => codeText("audit.detail", name, name.replaceAll("_", " ")),
      actor: (name: string) => (name === "system" ? t("inbox.system") : name),
    }),
    [t, i18n, codeText],
  );
}
