import { LogOut } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import { useEndSessions, useSessions } from "./api";
import { SessionList } from "./session-list";

/** Where one is signed in, and the way out of everywhere else. */
export function OwnSessions() {
  const { t } = useTranslation();
  const query = useSessions();
  const end = useEndSessions();
  const [ending, setEnding] = useState(false);
  const others = (query.data ?? []).filter((session) => !session.is_current).length;
  return (
    <Card className="grid gap-3 p-5">
      <div className="flex flex-wrap items-start justify-between gap-3 sm:flex-nowrap">
        <div>
          <h2 className="font-semibold">{t("profile.sessions")}</h2>
          <p className="text-muted text-sm">{t("profile.sessions_hint")}</p>
        </div>
        {others > 0 && (
          <Button size="sm" className="shrink-0" onClick={() => setEnding(true)}>
            <LogOut aria-hidden />
            {t("profile.sessions_end")}
          </Button>
        )}
      </div>
      <SessionList query={query} />
      <ConfirmDialog
        open={ending}
        onOpenChange={(open) => {
          setEnding(open);
          if (!open) end.reset();
        }}
        title={t("profile.sessions_end_title")}
        consequence={t("profile.sessions_end_consequence", { count: others })}
        confirmLabel={t("profile.sessions_end")}
        busy={end.isPending}
        error={end.error}
        onConfirm={() =>
          end.mutate(undefined, {
            onSuccess: () => {
              setEnding(false);
              toast.success(t("profile.sessions_ended"));
            },
          })
        }
      />
    </Card>
  );
}
