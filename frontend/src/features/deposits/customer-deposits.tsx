import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { mayOpen, useCan, useMe } from "@/api/session";
import { ErrorState } from "@/components/feedback";
import { Card, Skeleton } from "@/components/ui/surface";
import { customerDepositsOptions } from "./api";
import { DepositBadges, Money } from "./badges";

/** The last deposits of one customer that the reader may see; nothing for those who do not see the ledger. */
export function CustomerDeposits({ customerKey }: { customerKey: string }) {
  const me = useMe();
  const sees = useCan()("deposits.book") && mayOpen(me, "omset");
  return sees ? <Deposits customerKey={customerKey} /> : null;
}

function Deposits({ customerKey }: { customerKey: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const manages = useCan()("deposits.manage");
  const query = useQuery(customerDepositsOptions(customerKey));
  const rows = query.data ?? [];
  return (
    <section aria-label={t("nav.omset")}>
      <h2 className="flex items-baseline justify-between gap-3 pb-3 font-medium text-muted text-xs">
        {t("nav.omset")}
        {rows.length > 0 && (
          <Link
            to="/omset"
            search={{ tab: "ledger", q: customerKey, status: "all" }}
            className="rounded text-accent-text underline-offset-4 hover:underline"
          >
            {t("deposits.in_ledger")}
          </Link>
        )}
      </h2>
      <Card>
        {query.data === undefined ? (
          query.isError ? (
            <ErrorState error={query.error} onRetry={() => query.refetch()} />
          ) : (
            <div aria-busy className="grid gap-2 p-4">
              <Skeleton className="h-4" />
              <Skeleton className="h-4 w-2/3" />
            </div>
          )
        ) : rows.length === 0 ? (
          <p className="p-4 text-muted text-sm">{t("deposits.empty.customer")}</p>
        ) : (
          <ul className="divide-y">
            {rows.map((row) => (
              <li
                key={row.id}
                className="flex flex-wrap items-start justify-between gap-x-3 gap-y-1 px-4 py-2 text-sm"
              >
                <Link
                  to="/omset"
                  search={{ tab: "ledger", open: row.id }}
                  className="min-w-0 rounded underline-offset-4 hover:underline"
                >
                  {format.day(row.record_date)}
                  <span className="block break-words text-muted text-xs">
                    {[row.product_name, manages && row.staff_name].filter(Boolean).join(" · ")}
                  </span>
                </Link>
                <span className="grid justify-items-end gap-1">
                  <Money value={row.depo_total} className="font-medium" />
                  <DepositBadges deposit={row} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </section>
  );
}
