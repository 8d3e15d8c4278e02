import { Link } from "@tanstack/react-router";
import { ArrowRight, Inbox, UsersRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { mayOpen, useMe } from "@/api/session";
import { EmptyState, StatTile } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import type { OwnToday } from "./api";
import { moduleOf } from "./modules";

export function OwnCounters({ own }: { own: OwnToday }) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const customers = mayOpen(me, "customers") ? "/customers" : undefined;
  if (own.open_records === 0) {
    return (
      <Card>
        <EmptyState icon={UsersRound} title={t("today.own_empty")} description={t("today.own_empty_hint")} />
      </Card>
    );
  }
  return (
    <div className="grid max-w-3xl gap-4">
      <div className="grid grid-cols-2 gap-2">
        <StatTile
          label={t("today.own_open")}
          value={format.number(own.open_records)}
          icon={UsersRound}
          to={customers}
        />
        <StatTile label={t("today.own_received")} value={format.number(own.received_today)} icon={Inbox} />
      </div>
      <Card>
        <ul className="divide-y" aria-label={t("today.by_module")}>
          {own.modules.map((entry) => {
            const { label, icon: Icon } = moduleOf(entry.module);
            return (
              <li key={entry.module} className="flex items-center gap-3 px-4 py-2.5 text-sm">
                <Icon className="size-4 shrink-0 text-muted" aria-hidden />
                <span className="flex-1 font-medium">{t(label)}</span>
                <span className="tabular text-muted">
                  {t("today.own_module", {
                    open: format.number(entry.open_records),
                    count: entry.received_today,
                  })}
                </span>
              </li>
            );
          })}
        </ul>
      </Card>
      {customers && (
        <Button asChild variant="primary" size="lg" className="justify-self-start max-sm:w-full">
          <Link to={customers}>
            {t("today.own_start")}
            <ArrowRight aria-hidden />
          </Link>
        </Button>
      )}
    </div>
  );
}
