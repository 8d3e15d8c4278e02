import type { TFunction } from "i18next";
import type { useFormat } from "@/api/server-time";
import { columnHelper } from "@/components/data-table";
import { Expiry } from "./expiry";
import { RequestStatusBadge } from "./request-status";
import type { RecordRequest } from "./types";

/** What was asked for, or how much of it was given when that was less. */
export function countText(
  t: TFunction,
  format: ReturnType<typeof useFormat>,
  request: RecordRequest,
): string {
  return request.status === "approved" && request.assigned_count !== request.record_count
    ? t("requests.given_of", {
        given: format.number(request.assigned_count),
        asked: format.number(request.record_count),
      })
    : format.number(request.record_count);
}

/** Columns of a list of requests; `withStaff` where they are of several people, `withDatabase` of several databases. */
export function requestColumns(
  t: TFunction,
  format: ReturnType<typeof useFormat>,
  { withStaff, withDatabase }: { withStaff: boolean; withDatabase: boolean },
) {
  const column = columnHelper<RecordRequest>();
  const staff = column("staff", {
    label: t("requests.staff"),
    hideable: false,
    className: "min-w-32",
    cell: (row) => <span className="break-words font-medium">{row.requested_by_name}</span>,
  });
  const database = column("database", {
    label: t("requests.database"),
    hideable: false,
    className: "min-w-48",
    cell: (row) => (
      <span className="grid">
        <span className="break-words font-medium">{row.database_name}</span>
        <span className="break-words font-normal text-muted text-xs">{row.product_name}</span>
      </span>
    ),
  });
  return [
    ...(withStaff ? [staff] : []),
    ...(withDatabase ? [database] : []),
    column("count", {
      label: t("requests.records"),
      align: "end",
      className: "whitespace-nowrap",
      cell: (row) => countText(t, format, row),
    }),
    column("status", {
      label: t("requests.state"),
      cell: (row) => (
        <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
          <RequestStatusBadge request={row} />
          {row.status === "pending" && row.expires_at && (
            <span className="text-muted text-xs">
              <Expiry at={row.expires_at} />
            </span>
          )}
        </span>
      ),
    }),
    column("requested_at", {
      label: t("requests.requested_at"),
      className: "whitespace-nowrap",
      cell: (row) => (
        <time dateTime={row.requested_at} title={format.dateTime(row.requested_at)}>
          {format.relative(row.requested_at)}
        </time>
      ),
    }),
    column("decided", {
      label: t("requests.decided"),
      className: "max-w-64",
      cell: (row) =>
        row.reviewed_at ? (
          <span className="grid">
            <span className="break-words">
              {row.auto_approved ? t("requests.by_rule") : (row.reviewed_by_name ?? "–")}
              <span className="text-muted"> · {format.relative(row.reviewed_at)}</span>
            </span>
            {row.reason && <span className="line-clamp-2 break-words text-muted text-xs">{row.reason}</span>}
          </span>
        ) : (
          <span className="text-muted">–</span>
        ),
    }),
  ];
}
