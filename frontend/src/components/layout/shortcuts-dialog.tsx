import { useEffect, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Dialog, DialogContent, DialogTitle } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/surface";

export type ShortcutGroup = { title: string; keys: { keys: string[]; what: string }[] };

let ofPage: readonly ShortcutGroup[] = [];
const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Adds a page's own keys to the dialog while the page is shown. Give it a group that only changes with the language. */
export function useShortcuts(group: ShortcutGroup): void {
  useEffect(() => {
    const tell = (groups: readonly ShortcutGroup[]) => {
      ofPage = groups;
      for (const listener of listeners) listener();
    };
    tell([group, ...ofPage]);
    return () => tell(ofPage.filter((other) => other !== group));
  }, [group]);
}

/** Every key of the app in one place, opened with `?`. Pages may add their own groups. */
export function ShortcutsDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const { t } = useTranslation();
  const groups: ShortcutGroup[] = [
    ...useSyncExternalStore(subscribe, () => ofPage),
    {
      title: t("shortcuts.everywhere"),
      keys: [
        { keys: ["Ctrl K"], what: t("shortcuts.palette") },
        { keys: ["?"], what: t("shortcuts.this_help") },
        { keys: ["Esc"], what: t("shortcuts.close") },
      ],
    },
    {
      title: t("shortcuts.lists"),
      keys: [
        { keys: ["/"], what: t("shortcuts.search") },
        { keys: ["J", "K", "↓", "↑"], what: t("shortcuts.move") },
        { keys: ["Home", "End"], what: t("shortcuts.ends") },
        { keys: ["Space"], what: t("shortcuts.select") },
        { keys: ["Enter"], what: t("shortcuts.open") },
        { keys: ["[", "]"], what: t("shortcuts.pages") },
      ],
    },
  ];
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent aria-describedby={undefined}>
        <DialogTitle>{t("shortcuts.title")}</DialogTitle>
        {groups.map((group) => (
          <section key={group.title}>
            <h3 className="pb-1.5 font-medium text-muted text-xs">{group.title}</h3>
            <dl className="grid gap-1">
              {group.keys.map((entry) => (
                <div key={entry.what} className="flex items-center justify-between gap-3 text-sm">
                  <dt>{entry.what}</dt>
                  <dd className="flex gap-1">
                    {entry.keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </DialogContent>
    </Dialog>
  );
}
