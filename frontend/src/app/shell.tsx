import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLiveUpdates } from "@/api/live";
import { useCan, useMe } from "@/api/session";
import { AppShell, ShortcutsDialog } from "@/components/layout";
import { UserMenu } from "@/features/identity";
import { NotificationBell } from "@/features/notifications";
import { CommandPalette } from "@/features/search";
import { menuOf } from "./navigation";

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, [contenteditable=true]") !== null
  );
}

/** Puts the features' own pieces into the frame. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const me = useMe();
  const can = useCan();
  useLiveUpdates(me.id, can("notifications.own"));
  const [palette, setPalette] = useState(false);
  const [shortcuts, setShortcuts] = useState(false);

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setPalette((open) => !open);
      } else if (event.key === "?" && !isTyping(event.target) && !document.querySelector("[role=dialog]")) {
        event.preventDefault();
        setShortcuts(true);
      }
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  const groups = menuOf(me).map((group) => ({
    label: t(group.label),
    items: group.pages.map((entry) => ({ to: entry.to, label: t(entry.label), icon: entry.icon })),
  }));

  return (
    <>
      <AppShell
        groups={groups}
        onSearch={() => setPalette(true)}
        bell={<NotificationBell />}
        userMenu={<UserMenu onShortcuts={() => setShortcuts(true)} />}
      >
        {children}
      </AppShell>
      <CommandPalette
        open={palette}
        onOpenChange={setPalette}
        pages={[
          ...groups.flatMap((group) => group.items),
          { to: "/profile", label: t("shell.profile"), icon: undefined },
        ]}
      />
      <ShortcutsDialog open={shortcuts} onOpenChange={setShortcuts} />
    </>
  );
}
