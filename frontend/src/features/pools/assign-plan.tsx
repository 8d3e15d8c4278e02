import { CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Skeleton } from "@/components/ui/surface";
import { useCodeText } from "@/lib/code-text";
import { planShares } from "./shares";
import type { Eligibility, ReasonCount, StaffRoom } from "./types";

/** A reason in words; one we do not know is shown as it came. */
export function useReasonText(): (reason: string) => string {
  const codeText = useCodeText();
  return (reason) => codeText("pools.reason", reason, reason.replaceAll("_", " "));
}

export function ReasonList({ reasons }: { reasons: readonly ReasonCount[] }) {
  const format = useFormat();
  const text = useReasonText();
  if (reasons.length === 0) return null;
  return (
    <ul className="grid gap-0.5 text-muted text-xs">
      {reasons.map(({ reason, count }) => (
        <li key={reason} className="flex justify-between gap-3">
          <span>{text(reason)}</span>
          <span className="tabular">{format.number(count)}</span>
        </li>
      ))}
    </ul>
  );
}

/** What can be dealt and what cannot, and why, before anything is dealt (spec 6.2). */
export function EligiblePanel({ data, loading }: { data: Eligibility | undefined; loading: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <section
      className="grid min-h-20 content-start gap-1.5 rounded-md border border-border p-3"
      aria-busy={loading}
      aria-live="polite"
    >
      {data ? (
        <>
          <p className="flex items-center gap-1.5 text-sm">
            {data.eligible > 0 ? (
              <CircleCheck className="size-4 text-success" aria-hidden />
            ) : (
              <TriangleAlert className="size-4 text-warning" aria-hidden />
            )}
            <span>
              <strong className="tabular font-semibold">{format.number(data.eligible)}</strong>{" "}
              {t("pools.assign.eligible", { count: data.eligible })}
            </span>
          </p>
          <ReasonList reasons={data.excluded} />
        </>
      ) : (
        <>
          <Skeleton className="h-5 w-40" />
          <Skeleton className="h-3.5 w-full" />
        </>
      )}
    </section>
  );
}

/** Who will get how many; a range where the server draws who takes the remainder. */
export function SharePlan({ quantity, staff }: { quantity: number; staff: readonly StaffRoom[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { shares, short } = planShares(quantity, staff);
  return (
    <section className="grid gap-1.5" aria-live="polite">
      <h3 className="font-medium text-sm">{t("pools.assign.plan")}</h3>
      <ul className="divide-y rounded-md border border-border text-sm">
        {shares.map((share) => (
          <li key={share.staffId} className="flex justify-between gap-3 px-3 py-1.5">
            <span className="min-w-0 break-words">{share.name}</span>
            <span className="tabular font-medium">
              {share.min === share.max
                ? format.number(share.min)
                : `${format.number(share.min)}–${format.number(share.max)}`}
            </span>
          </li>
        ))}
      </ul>
      {shares.some((share) => share.min !== share.max) && (
        <p className="text-muted text-xs">{t("pools.assign.remainder")}</p>
      )}
      {short > 0 && (
        <p className="flex items-center gap-1.5 text-warning text-xs">
          <TriangleAlert className="size-3.5 shrink-0" aria-hidden />
          {t("pools.assign.no_room_for", { count: short, formatted: format.number(short) })}
        </p>
      )}
    </section>
  );
}
