import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ReasonList } from "./assign-plan";
import type { HandedOver, AssignResult as Result } from "./types";

/** The outcome of a hand-out that did not give everything it was asked for: who got what, and what was in the way. */
export function AssignResult({ result }: { result: Result }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="grid gap-4 text-sm">
      <p>
        {t("pools.assign.result", {
          assigned: format.number(result.assigned_count),
          requested: format.number(result.requested_count),
        })}
      </p>
      <ul className="divide-y rounded-md border border-border">
        {result.per_staff.map((share) => (
          <li key={share.staff_id} className="flex justify-between gap-3 px-3 py-1.5">
            <span className="min-w-0 break-words">{share.staff_name}</span>
            <span className="tabular font-medium">{format.number(share.assigned_count)}</span>
          </li>
        ))}
      </ul>
      <LeftOut title={t("pools.assign.left_out")} result={result} />
    </div>
  );
}

/** What did not move: how many for which reason, and which customers are reserved for somebody else. */
export function LeftOut({
  title,
  result,
}: {
  title: string;
  result: Pick<HandedOver, "excluded" | "blocked_records">;
}) {
  const { t } = useTranslation();
  return (
    <>
      {result.excluded.length > 0 && (
        <section className="grid gap-1">
          <h3 className="font-medium">{title}</h3>
          <ReasonList reasons={result.excluded} />
        </section>
      )}
      {result.blocked_records.length > 0 && (
        <section className="grid gap-1">
          <h3 className="font-medium">{t("pools.assign.blocked")}</h3>
          <ul className="max-h-64 divide-y overflow-y-auto rounded-md border border-border">
            {result.blocked_records.map((blocked) => (
              <li key={blocked.record_id} className="flex justify-between gap-3 px-3 py-1.5">
                <span className="break-all">{blocked.customer}</span>
                <span className="text-muted">
                  {t("pools.record.reserved_by", { name: blocked.reserved_by })}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
