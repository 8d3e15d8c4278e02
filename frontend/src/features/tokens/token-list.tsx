import { useQuery } from "@tanstack/react-query";
import { Clock, KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, ErrorState, StatusBadge, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { type ApiToken, tokensOptions, useRevokeToken } from "./api";

/** The tokens of somebody, or one's own, each with a button that ends it. */
export function TokenList({ userId }: { userId?: string }) {
  const { t } = useTranslation();
  const query = useQuery(tokensOptions(userId));
  const revoke = useRevokeToken(userId);
  const [ending, setEnding] = useState<ApiToken | null>(null);
  function close() {
    setEnding(null);
    revoke.reset();
  }
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (query.isPending) return <Skeleton className="h-10" />;
  if (query.data.length === 0) return <p className="text-muted text-sm">{t("tokens.none")}</p>;
  return (
    <>
      <ul aria-label={t("tokens.title")} className="divide-y rounded-md border border-border text-sm">
        {query.data.map((token) => (
          <TokenRow key={token.id} token={token} onEnd={() => setEnding(token)} />
        ))}
      </ul>
      <ConfirmDialog
        open={ending !== null}
        onOpenChange={(open) => !open && close()}
        title={t("tokens.end_title", { name: ending?.name })}
        consequence={t("tokens.end_consequence")}
        confirmLabel={t("tokens.end")}
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() =>
          ending &&
          revoke.mutate(ending.id, {
            onSuccess: () => {
              toast.success(t("tokens.ended", { name: ending.name }));
              close();
            },
          })
        }
      />
    </>
  );
}

function TokenRow({ token, onEnd }: { token: ApiToken; onEnd: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts = [
    token.scopes.map((scope) => t(`tokens.scope.${scope}`)).join(", "),
    token.last_used_at
      ? t("tokens.last_used", { when: format.relative(token.last_used_at) })
      : t("tokens.never_used"),
    !token.is_expired && t("tokens.until", { date: format.date(token.expires_at) }),
  ];
  return (
    <li className="flex items-start gap-3 px-3 py-2">
      <KeyRound className="mt-0.5 size-4 shrink-0 text-muted" aria-hidden />
      <div className="grid min-w-0 flex-1 gap-0.5">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="break-words font-medium">{token.name}</span>
          <code className="text-muted text-xs">…{token.hint}</code>
          {token.is_expired && <StatusBadge label={t("tokens.expired")} icon={Clock} tone="warning" />}
        </p>
        <p className="text-muted text-xs">{facts.filter(Boolean).join(" · ")}</p>
      </div>
      <Button size="sm" aria-label={t("tokens.end_named", { name: token.name })} onClick={onEnd}>
        {t("tokens.end")}
      </Button>
    </li>
  );
}
