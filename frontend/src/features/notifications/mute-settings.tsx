import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/components/feedback";
import { Switch } from "@/components/ui/checkbox";
import { Card, Skeleton } from "@/components/ui/surface";
import { type NotificationKind, settingsOptions, useMute } from "./api";

/** What one is told of in the inbox, kind by kind; what is switched off is not kept for later. */
export function MuteSettings() {
  const { t } = useTranslation();
  const query = useQuery(settingsOptions);
  const mute = useMute();
  const change = (kind: NotificationKind) => {
    const kinds = query.data?.kinds ?? [];
    mute.mutate(
      kinds
        .filter((other) => (other.kind === kind.kind ? !other.muted : other.muted))
        .map((other) => other.kind),
    );
  };
  return (
    <Card className="grid gap-3 p-5">
      <div>
        <h2 className="font-semibold">{t("inbox.settings")}</h2>
        <p className="text-muted text-sm">{t("inbox.settings_hint")}</p>
      </div>
      {query.data ? (
        <ul className="divide-y">
          {query.data.kinds.map((kind) => (
            <Row key={kind.kind} kind={kind} onChange={() => change(kind)} />
          ))}
        </ul>
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      ) : (
        <div aria-busy className="grid gap-3">
          <Skeleton className="h-8" />
          <Skeleton className="h-8" />
          <Skeleton className="h-8" />
        </div>
      )}
    </Card>
  );
}

function Row({ kind, onChange }: { kind: NotificationKind; onChange: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <li className="flex items-center gap-3 py-2.5">
      <div className="min-w-0 flex-1">
        <p id={id} className="font-medium text-sm">
          {t(`inbox.kinds.${kind.kind}`)}
        </p>
        <p id={`${id}-hint`} className="text-muted text-sm">
          {t(`inbox.kinds.${kind.kind}_hint`)}
          {kind.essential && ` · ${t("inbox.essential")}`}
        </p>
      </div>
      <Switch
        aria-labelledby={id}
        aria-describedby={`${id}-hint`}
        checked={!kind.muted}
        disabled={kind.essential}
        onCheckedChange={onChange}
      />
    </li>
  );
}
