import { useQuery } from "@tanstack/react-query";
import { Hourglass, ShieldX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { mayOpen, useCan, useMe } from "@/api/session";
import { StatTile } from "@/components/feedback";
import { requestStatsOptions } from "@/features/requests";
import { summaryOptions } from "@/features/validation";

/** What waits for somebody to decide; nothing while nothing waits. */
export function Waiting() {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const me = useMe();
  const reviews = can("requests.review") && mayOpen(me, "requests");
  const validates = can("validation.manage") && mayOpen(me, "validation");
  const requests = useQuery({ ...requestStatsOptions, enabled: reviews }).data;
  const rejected = useQuery({ ...summaryOptions(), enabled: validates }).data;
  if (!requests?.pending && !rejected?.total) return null;
  return (
    <section aria-label={t("today.waiting")} className="grid grid-cols-2 gap-2 xl:grid-cols-6">
      {requests && requests.pending > 0 && (
        <StatTile
          label={t("today.waiting_requests")}
          value={format.number(requests.pending)}
          hint={t("today.held", {
            count: requests.held_records,
            formatted: format.number(requests.held_records),
          })}
          icon={Hourglass}
          to="/requests"
        />
      )}
      {rejected && rejected.total > 0 && (
        <StatTile
          label={t("today.rejected")}
          value={format.number(rejected.total)}
          hint={t("today.rejected_by", {
            count: new Set(rejected.staff.map((entry) => entry.staff_id)).size,
          })}
          icon={ShieldX}
          to="/validation"
        />
      )}
    </section>
  );
}
