import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type ShortcutGroup, useShortcuts } from "@/components/layout";
import { Kbd } from "@/components/ui/surface";

/** The page's keys: in one line under the list, and in full in the dialog that `?` opens. */
export function MarkLegend({ canRequest }: { canRequest: boolean }) {
  const { t } = useTranslation();
  const group = useMemo<ShortcutGroup>(
    () => ({
      title: t("customers.mine.title"),
      keys: [
        { keys: ["1"], what: `${t("customers.whatsapp.title")}: ${t("customers.whatsapp.ada")}` },
        { keys: ["2"], what: `${t("customers.whatsapp.title")}: ${t("customers.whatsapp.ceklis1")}` },
        { keys: ["3"], what: `${t("customers.whatsapp.title")}: ${t("customers.whatsapp.tidak")}` },
        { keys: ["Y"], what: `${t("customers.respond.title")}: ${t("customers.respond.ya")}` },
        { keys: ["N"], what: `${t("customers.respond.title")}: ${t("customers.respond.tidak")}` },
        { keys: ["V"], what: `${t("customers.verdict.title")}: ${t("customers.verdict.validated")}` },
        { keys: ["I"], what: `${t("customers.verdict.title")}: ${t("customers.verdict.invalid")}` },
        { keys: ["C"], what: t("customers.keys.copy") },
        { keys: ["O"], what: t("customers.keys.whatsapp") },
        { keys: ["E"], what: t("customers.keys.note") },
        ...(canRequest ? [{ keys: ["R"], what: t("customers.keys.request") }] : []),
      ],
    }),
    [t, canRequest],
  );
  useShortcuts(group);
  const line = [
    { keys: ["↑", "↓"], what: t("customers.keys.move") },
    { keys: ["1", "2", "3"], what: t("customers.whatsapp.title") },
    { keys: ["Y", "N"], what: t("customers.respond.title") },
    { keys: ["V", "I"], what: t("customers.verdict.title") },
    { keys: ["C"], what: t("customers.keys.copy_short") },
    { keys: ["O"], what: "WhatsApp" },
    { keys: ["E"], what: t("customers.keys.note_short") },
    { keys: ["?"], what: t("customers.keys.all") },
  ];
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 pt-2 text-muted text-xs max-sm:hidden">
      {line.map(({ keys, what }) => (
        <span key={keys.join("")} className="inline-flex items-center gap-1">
          {keys.map((key) => (
            <Kbd key={key}>{key}</Kbd>
          ))}
          {what}
        </span>
      ))}
    </p>
  );
}
