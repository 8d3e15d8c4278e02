import { PhoneCall, TrendingDown } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { StatTile } from "@/components/feedback";
import type { Today } from "./api";

/** Who waits for a call, and who is slipping away; each opens its list. */
export function Slipping({ follow_ups, at_risk }: Pick<Today, "follow_ups" | "at_risk">) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!follow_ups && !at_risk) return null;
  return (
    <section aria-label={t("today.slipping")} className="grid gap-2 sm:grid-cols-2">
      {follow_ups && (
        <StatTile
          label={t("today.follow_ups")}
          value={format.number(follow_ups.total)}
          hint={t("today.follow_ups_hint", {
            critical: format.number(follow_ups.critical),
            high: format.number(follow_ups.high),
          })}
          icon={PhoneCall}
          to="/follow-ups"
        />
      )}
      {at_risk && (
        <StatTile
          label={t("today.at_risk")}
          value={format.number(at_risk.total)}
          hint={t("today.at_risk_hint", {
            critical: format.number(at_risk.critical),
            high: format.number(at_risk.high),
          })}
          icon={TrendingDown}
          to="/retention"
          search={{ tab: "at_risk" }}
        />
      )}
    </section>
  );
}
