import { LogOut } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { TokenList } from "@/features/tokens";
import { type User, useEndSessions, useSessions } from "./api";
import { SessionList } from "./session-list";

/** Where somebody is signed in and with which tokens their scripts work, and the ways to end it. */
export function UserSessions({ user }: { user: User }) {
  const { t } = useTranslation();
  const query = useSessions(user.id);
  const end = useEndSessions();
  const [ending, setEnding] = useState(false);
  const sessions = query.data ?? [];
  return (
    <>
      <section aria-label={t("users.sessions")} className="mt-6 grid gap-2 border-border border-t pt-4">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h3 className="font-medium text-sm">{t("users.sessions")}</h3>
          {sessions.length > 0 && (
            <Button size="sm" onClick={() => setEnding(true)}>
              <LogOut aria-hidden />
              {t("users.sessions_end")}
            </Button>
          )}
        </div>
        <SessionList query={query} userId={user.id} />
      </section>
      <section aria-label={t("tokens.title")} className="mt-4 grid gap-2">
        <h3 className="font-medium text-sm">{t("tokens.title")}</h3>
        <TokenList userId={user.id} />
      </section>
      <ConfirmDialog
        open={ending}
        onOpenChange={setEnding}
        title={t("users.sessions_end_title", { name: user.name })}
        consequence={t("users.sessions_end_consequence", { count: sessions.length })}
        confirmLabel={t("users.sessions_end")}
        busy={end.isPending}
        error={end.error}
        onConfirm={() =>
          end.mutate(user.id, {
            onSuccess: () => {
              setEnding(false);
              toast.success(t("users.sessions_ended", { name: user.name }));
            },
          })
        }
      />
    </>
  );
}
