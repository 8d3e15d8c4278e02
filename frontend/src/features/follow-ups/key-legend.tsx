import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type ShortcutGroup, useShortcuts } from "@/components/layout";
import { Kbd } from "@/components/ui/surface";
import { ACTS, KEYS } from "./use-follow-up-acts";

/** The page's keys: in one line under the list, and in the dialog that `?` opens. */
export function KeyLegend() {
  const { t } = useTranslation();
  const group = useMemo<ShortcutGroup>(
    () => ({
      title: t("nav.follow_ups"),
      keys: ACTS.map((act) => ({ keys: [KEYS[act].toUpperCase()], what: t(`followups.do.${act}`) })),
    }),
    [t],
  );
  useShortcuts(group);
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 pt-2 text-muted text-xs max-sm:hidden">
      {[{ keys: ["↑", "↓"], what: t("customers.keys.move") }, ...group.keys].map(({ keys, what }) => (
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
