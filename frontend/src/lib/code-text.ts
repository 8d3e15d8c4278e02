import { useTranslation } from "react-i18next";

/** Words for a code that the server sent: `codeText("imports.reason", code, code)`; a code we do not know: `otherwise`. */
export function useCodeText(): (group: string, code: string, otherwise: string) => string {
  const { i18n } = useTranslation();
  return (group, code, otherwise) => String(i18n.t(`${group}.${code}`, { defaultValue: otherwise }));
}
