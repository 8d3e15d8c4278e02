import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { reasonCodesOptions } from "@/api/choices";
import { ErrorState } from "@/components/feedback";
import { Switch } from "@/components/ui/checkbox";
import { Skeleton } from "@/components/ui/surface";
import { useReasonName } from "@/lib/reason-name";
import { useSaveReasons } from "./api";

/** What fits no other reason must always find a place. */
const ALWAYS = "other";

/** Which reasons staff are offered when they reject a record (spec 2.4). */
export function ReasonCodes() {
  const { t } = useTranslation();
  const id = useId();
  const reasonName = useReasonName();
  const query = useQuery(reasonCodesOptions);
  const save = useSaveReasons();
  if (query.isPending) {
    return (
      <div aria-busy className="grid gap-3 p-4">
        <Skeleton className="h-5" />
        <Skeleton className="h-5" />
        <Skeleton className="h-5" />
      </div>
    );
  }
  if (query.data === undefined) {
    return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  }
  const codes = query.data;
  return (
    <ul className="divide-y">
      {codes.map((reason) => (
        <li key={reason.code} className="flex items-center justify-between gap-4 px-4 py-2.5 text-sm">
          <label htmlFor={`${id}-${reason.code}`}>
            {reasonName(reason.code)}
            {reason.code === ALWAYS && (
              <span className="ml-2 text-muted text-xs">{t("settings.reasons.always")}</span>
            )}
          </label>
          <Switch
            id={`${id}-${reason.code}`}
            checked={reason.is_active}
            disabled={reason.code === ALWAYS}
            onCheckedChange={(is_active) =>
              save.mutate(
                codes.map((entry) => (entry.code === reason.code ? { ...entry, is_active } : entry)),
              )
            }
          />
        </li>
      ))}
    </ul>
  );
}
