import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Coffee, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/api/session";
import { PhoneCell } from "@/components/data-table";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import { briefingOptions, useDismissBriefing } from "./api";
import { RiskBadge } from "./badges";
import { CustomerName } from "./columns";
import { RISKS } from "./search";
import type { DailyBriefing } from "./types";

/** Once a day for staff: whom to look after first. Nothing while it loads, when it was seen, or for others. */
export function BriefingCard() {
  const { t } = useTranslation();
  const can = useCan();
  const works = can("records.work") && can("retention.read");
  const { data } = useQuery({ ...briefingOptions, enabled: works });
  const dismiss = useDismissBriefing();
  if (!data?.show || !data.at_risk) return null;
  const followUps = Object.entries(data.followups_by_product ?? {});
  const total = RISKS.reduce((sum, risk) => sum + totalOf(data, risk), 0);
  return (
    <Card aria-label={t("retention.briefing.title")} className="p-4">
      <header className="flex items-start justify-between gap-2">
        <div>
          <h2 className="flex items-center gap-2 font-medium">
            <Coffee className="size-4 text-muted" aria-hidden />
            {t("retention.briefing.title")}
          </h2>
          <p className="text-muted text-sm">
            {total === 0 && followUps.length === 0
              ? t("retention.briefing.nothing")
              : t("retention.briefing.hint")}
          </p>
        </div>
        <Button size="sm" onClick={() => dismiss.mutate()} busy={dismiss.isPending}>
          <X aria-hidden />
          {t("retention.briefing.seen")}
        </Button>
      </header>
      <div className="mt-3 grid gap-4 lg:grid-cols-2">
        {RISKS.filter((risk) => totalOf(data, risk) > 0).map((risk) => (
          <section key={risk} aria-label={t(`retention.risk.${risk}`)}>
            <Link
              to="/retention"
              search={{ tab: "at_risk", risk }}
              className="inline-flex items-center gap-2 rounded text-sm hover:underline"
            >
              <RiskBadge level={risk} />
              {t("retention.briefing.of", {
                shown: data.at_risk?.[risk].length ?? 0,
                total: totalOf(data, risk),
              })}
            </Link>
            <ul className="divide-y divide-border">
              {data.at_risk?.[risk].map((row) => (
                <li
                  key={`${row.product_id} ${row.customer_key}`}
                  className="flex flex-wrap items-center justify-between gap-2 py-1.5 text-sm"
                >
                  <CustomerName row={row} />
                  <span className="flex items-center gap-2 text-muted text-xs">
                    {t("retention.days_ago", { count: row.days_since_deposit })}
                    {row.phone_number && <PhoneCell phone={row.phone_number} />}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ))}
        {followUps.map(([product, group]) => (
          <section key={product} aria-label={product}>
            <h3 className="text-sm">
              {t("retention.briefing.follow_ups", { product, shown: group.items.length, total: group.total })}
            </h3>
            <ul className="divide-y divide-border">
              {group.items.map((item) => (
                <li
                  key={item.record_id}
                  className="flex flex-wrap items-center justify-between gap-2 py-1.5 text-sm"
                >
                  <Link
                    to="/customers/$key"
                    params={{ key: item.customer_key }}
                    className="break-words rounded font-medium hover:underline"
                  >
                    {item.customer_display}
                  </Link>
                  <span className="text-muted text-xs">
                    {t("retention.days_ago", { count: item.days_since_response })}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Card>
  );
}

const totalOf = (data: DailyBriefing, risk: (typeof RISKS)[number]) => data.at_risk?.[`total_${risk}`] ?? 0;
