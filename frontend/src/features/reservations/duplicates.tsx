import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { EmptyState, ErrorState } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Card, Skeleton } from "@/components/ui/surface";
import { useCodeText } from "@/lib/code-text";
import { groupPhone } from "@/lib/phone";
import { duplicatesOptions } from "./api";
import { ReservationBadge } from "./reservation-status";

/** Active reservations of what looks like one customer: in several products, or with one phone number. */
export function DuplicateGroups() {
  const { t } = useTranslation();
  const codeText = useCodeText();
  const query = useQuery(duplicatesOptions);
  if (query.isPending) {
    return (
      <div aria-busy className="grid gap-3">
        <Skeleton className="h-24" />
        <Skeleton className="h-24" />
      </div>
    );
  }
  if (query.data === undefined) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (query.data.duplicates.length === 0) {
    return (
      <Card>
        <EmptyState
          icon={CircleCheck}
          title={t("reservations.duplicates.empty")}
          description={t("reservations.duplicates.empty_hint")}
        />
      </Card>
    );
  }
  return (
    <ul className="grid gap-3">
      {query.data.duplicates.map(({ kind, value, reservations }) => (
        <li key={`${kind}:${value}`}>
          <Card>
            <h3 className="break-words border-b px-3 py-2 text-sm">
              <span className="text-muted">{codeText("reservations.duplicates.kind", kind, kind)} </span>
              <span className="font-medium">{kind === "phone" ? groupPhone(value) : value}</span>
            </h3>
            <ul className="divide-y text-sm">
              {reservations.map((row) => (
                <li key={row.id} className="flex items-center gap-3 px-3 py-2">
                  <span className="min-w-0 flex-1">
                    <span className="block break-words font-medium">{row.customer_id}</span>
                    <span className="block break-words text-muted text-xs">
                      {[row.product_name, row.staff_name].join(" · ")}
                    </span>
                  </span>
                  <ReservationBadge reservation={row} />
                  <Button asChild size="icon-sm" variant="ghost">
                    <Link
                      to="/reserved"
                      search={{ tab: row.status === "approved" ? "approved" : undefined, open: row.id }}
                      aria-label={t("reservations.duplicates.open", { customer: row.customer_id })}
                    >
                      <ArrowRight aria-hidden />
                    </Link>
                  </Button>
                </li>
              ))}
            </ul>
          </Card>
        </li>
      ))}
    </ul>
  );
}
