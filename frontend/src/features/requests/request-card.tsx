import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Expiry } from "./expiry";
import { countText } from "./request-columns";
import { RequestStatusBadge } from "./request-status";
import type { RecordRequest } from "./types";

/** One request at phone size. */
export function RequestCard({
  request,
  withStaff,
  withDatabase,
}: {
  request: RecordRequest;
  withStaff: boolean;
  withDatabase: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const titles = [
    withStaff ? request.requested_by_name : null,
    withDatabase ? request.database_name : null,
  ].filter(Boolean);
  return (
    <div className="grid gap-1">
      <p className="break-words font-medium">{titles.join(" · ")}</p>
      <p className="tabular text-sm">
        {t("requests.card", { records: countText(t, format, request) })}
        <span className="text-muted"> · {format.relative(request.requested_at)}</span>
      </p>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-muted text-xs">
        <RequestStatusBadge request={request} />
        {request.status === "pending" && request.expires_at ? (
          <Expiry at={request.expires_at} />
        ) : (
          !request.auto_approved && <span className="break-words">{request.reviewed_by_name}</span>
        )}
      </p>
      {request.reason && <p className="break-words text-muted text-sm">{request.reason}</p>}
    </div>
  );
}
