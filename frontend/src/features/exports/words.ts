import { useTranslation } from "react-i18next";
import { useCodeText } from "@/lib/code-text";
import type { Export } from "./types";

/** What an export is called, and why it failed. */
export function useExportWords() {
  const { t } = useTranslation();
  const codeText = useCodeText();
  return {
    title: ({ kind, format }: Pick<Export, "kind" | "format">) =>
      t("exports.named", {
        list: codeText("exports.kinds", kind, kind),
        format: t(`exports.format.${format}`),
      }),
    list: (kind: string) => codeText("exports.kinds", kind, kind),
    error: ({ error_code, error_message }: Export) =>
      error_code ? codeText("exports.error", error_code, error_message ?? error_code) : null,
  };
}
