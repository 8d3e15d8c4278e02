import { MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, ErrorState, StatusBadge, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { deviceName } from "@/lib/device";
import { type UserSession, useEndSession, type useSessions } from "./api";

/** Where somebody is signed in, each with a button that ends it; the one in use is said, and has none. */
export function SessionList({ query, userId }: { query: ReturnType<typeof useSessions>; userId?: string }) {
  const { t } = useTranslation();
  const end = useEndSession(userId);
  const [ending, setEnding] = useState<UserSession | null>(null);
  function close() {
    setEnding(null);
    end.reset();
  }
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (query.isPending) return <Skeleton className="h-10" />;
  if (query.data.length === 0) return <p className="text-muted text-sm">{t("users.sessions_none")}</p>;
  return (
    <>
      <ul aria-label={t("users.sessions")} className="divide-y rounded-md border border-border text-sm">
        {query.data.map((session) => (
          <SessionRow key={session.id} session={session} onEnd={() => setEnding(session)} />
        ))}
      </ul>
      <ConfirmDialog
        open={ending !== null}
        onOpenChange={(open) => !open && close()}
        title={t("users.session_end_title")}
        consequence={t("users.session_end_consequence", {
          device: ending ? nameOf(ending, t("users.sessions_unknown")) : "",
        })}
        confirmLabel={t("users.session_end")}
        busy={end.isPending}
        error={end.error}
        onConfirm={() =>
          ending &&
          end.mutate(ending.id, {
            onSuccess: () => {
              toast.success(t("users.session_ended"));
              close();
            },
          })
        }
      />
    </>
  );
}

const nameOf = ({ user_agent }: UserSession, unknown: string) =>
  user_agent ? deviceName(user_agent) : unknown;

function SessionRow({ session, onEnd }: { session: UserSession; onEnd: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = nameOf(session, t("users.sessions_unknown"));
  return (
    <li className="flex items-start gap-3 px-3 py-2">
      <MonitorSmartphone className="mt-0.5 size-4 shrink-0 text-muted" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="break-words" title={session.user_agent ?? undefined}>
          {name}
        </p>
        <p className="text-muted text-xs">
          {t("users.sessions_seen", { when: format.relative(session.last_seen_at) })}
          {" · "}
          {t("users.sessions_since", { date: format.dateTime(session.created_at) })}
          {session.address && ` · ${session.address}`}
        </p>
      </div>
      {session.is_current ? (
        <StatusBadge label={t("users.sessions_here")} icon={MonitorSmartphone} tone="success" />
      ) : (
        <Button size="sm" aria-label={t("users.session_end_named", { device: name })} onClick={onEnd}>
          {t("users.session_end")}
        </Button>
      )}
    </li>
  );
}
