import { useQuery } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan, useMe } from "@/api/session";
import { DataTable, useSeenRows } from "@/components/data-table";
import type { EmptyStateProps } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { ExportButton } from "@/features/exports";
import type { TableSearch } from "@/lib/table-search";
import { type RequestFilter, type ReviewAction, requestsOptions } from "./api";
import { CancelDialog } from "./cancel-dialog";
import { RequestCard } from "./request-card";
import { requestColumns } from "./request-columns";
import { RequestDetailSheet } from "./request-detail";
import { ReviewDialog } from "./review-dialog";
import type { RecordRequest } from "./types";

type Asking = { action: ReviewAction; requests: RecordRequest[]; clear: () => void };

/** Requests as rows: reviewers decide them here, one or many; who asked can take back what is still waiting. */
export function RequestsTable({
  search,
  filter,
  filters,
  actions,
  empty,
  withDatabase = true,
}: {
  search: TableSearch;
  filter: RequestFilter;
  filters?: ReactNode;
  actions?: ReactNode;
  empty: EmptyStateProps;
  withDatabase?: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const reviews = useCan()("requests.review");
  const query = useQuery(requestsOptions(search.values, filter));
  const columns = useMemo(
    () => requestColumns(t, format, { withStaff: reviews, withDatabase }),
    [t, format, reviews, withDatabase],
  );
  const [asking, setAsking] = useState<Asking | null>(null);
  const [cancelling, setCancelling] = useState<RecordRequest | null>(null);

  // A selection may reach over several pages; what has been seen of it is named before it is decided.
  const seenOf = useSeenRows(query.data?.items);

  const { open } = search.values;
  const one = (action: ReviewAction, request: RecordRequest) =>
    setAsking({ action, requests: [request], clear: () => {} });
  const isWaiting = (row: RecordRequest) => row.status === "pending";

  return (
    <>
      <DataTable
        id={withDatabase ? "requests" : "database-requests"}
        label={t("requests.title")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(row) => row.id}
        filters={filters}
        actions={
          <>
            {actions}
            <ExportButton kind="requests" filters={filter} />
          </>
        }
        empty={empty}
        onOpen={(row) => search.setOpen(row.id)}
        isOpen={(row) => row.id === open}
        card={(row) => <RequestCard request={row} withStaff={reviews} withDatabase={withDatabase} />}
        canSelect={isWaiting}
        rowActions={(row) =>
          isWaiting(row) && (
            <span className="flex justify-end gap-1">
              {reviews ? (
                <>
                  <Button
                    size="sm"
                    onClick={() => one("approve", row)}
                    aria-label={t("requests.review.approve_named", {
                      name: row.requested_by_name,
                      database: row.database_name,
                    })}
                  >
                    <Check aria-hidden />
                    <span className="max-sm:sr-only">{t("requests.review.approve")}</span>
                  </Button>
                  <Button
                    size="sm"
                    variant="ghost"
                    onClick={() => one("reject", row)}
                    aria-label={t("requests.review.reject_named", {
                      name: row.requested_by_name,
                      database: row.database_name,
                    })}
                  >
                    <X aria-hidden />
                    <span className="max-sm:sr-only">{t("requests.review.reject")}</span>
                  </Button>
                </>
              ) : (
                row.requested_by === me.id && (
                  <Button
                    size="sm"
                    onClick={() => setCancelling(row)}
                    aria-label={t("requests.cancel.named", { database: row.database_name })}
                  >
                    {t("requests.cancel.open")}
                  </Button>
                )
              )}
            </span>
          )
        }
        bulk={
          reviews
            ? (selection) => {
                const requests = seenOf(selection.ids);
                const ask = (action: ReviewAction) => setAsking({ action, requests, clear: selection.clear });
                return (
                  <>
                    <Button size="sm" variant="primary" onClick={() => ask("approve")}>
                      <Check aria-hidden />
                      {t("requests.review.approve")}
                    </Button>
                    <Button size="sm" className="text-danger" onClick={() => ask("reject")}>
                      <X aria-hidden />
                      {t("requests.review.reject")}
                    </Button>
                  </>
                );
              }
            : undefined
        }
      />
      {open && (
        <RequestDetailSheet
          key={open}
          id={open}
          onClose={() => search.setOpen(undefined)}
          onReview={reviews ? one : undefined}
          onCancel={setCancelling}
        />
      )}
      {asking && (
        <ReviewDialog
          action={asking.action}
          requests={asking.requests}
          onDone={asking.clear}
          onClose={() => setAsking(null)}
        />
      )}
      {cancelling && <CancelDialog request={cancelling} onClose={() => setCancelling(null)} />}
    </>
  );
}
