import { useQuery } from "@tanstack/react-query";
import { LogOut, MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, ErrorState, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { sessionsOptions, type User, useEndSessions } from "./api";

/** Where somebody is signed in, and the way to end all of it. */
export function UserSessions({ user }: { user: User }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(sessionsOptions(user.id));
  const end = useEndSessions();
  const [ending, setEnding] = useState(false);
  const sessions = query.data ?? [];
  return (
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
      {query.isError ? (
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      ) : query.isPending ? (
        <Skeleton className="h-10" />
      ) : sessions.length === 0 ? (
        <p className="text-muted text-sm">{t("users.sessions_none")}</p>
      ) : (
        <ul className="divide-y rounded-md border border-border text-sm">
          {sessions.map((session) => (
            <li
              key={`${session.created_at} ${session.expires_at}`}
              className="flex items-start gap-3 px-3 py-2"
            >
              <MonitorSmartphone className="mt-0.5 size-4 shrink-0 text-muted" aria-hidden />
              <div className="min-w-0">
                <p className="break-words">{session.user_agent ?? t("users.sessions_unknown")}</p>
                <p className="text-muted text-xs">
                  {t("users.sessions_since", { date: format.dateTime(session.created_at) })}
                  {session.address && ` · ${session.address}`}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
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
    </section>
  );
}
