import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan, useMe } from "@/api/session";
import { EntitySheet, ErrorState, Fact } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { useCodeText } from "@/lib/code-text";
import { useWhy } from "@/lib/reason-name";
import { type ReviewAction, requestOptions } from "./api";
import { Expiry } from "./expiry";
import { countText } from "./request-columns";
import { RequestStatusBadge } from "./request-status";
import type { RecordRequest, RequestDetail } from "./types";

/** One request: what was asked, what has happened to it since, and what can be done with it now. */
export function RequestDetailSheet({
  id,
  onClose,
  onReview,
  onCancel,
}: {
  id: string;
  onClose: () => void;
  onReview?: (action: ReviewAction, request: RecordRequest) => void;
  onCancel: (request: RecordRequest) => void;
}) {
  const { t } = useTranslation();
  const me = useMe();
  const query = useQuery(requestOptions(id));
  const request = query.data;
  const mine = request?.requested_by === me.id;
  return (
    <EntitySheet
      open
      onClose={onClose}
      title={request?.database_name ?? t("requests.title")}
      description={request?.product_name}
      footer={
        request?.status === "pending" &&
        (onReview ? (
          <>
            <Button className="text-danger" onClick={() => onReview("reject", request)}>
              {t("requests.review.reject")}
            </Button>
            <Button variant="primary" onClick={() => onReview("approve", request)}>
              {t("requests.review.approve")}
            </Button>
          </>
        ) : (
          mine && <Button onClick={() => onCancel(request)}>{t("requests.cancel.open")}</Button>
        ))
      }
    >
      {request ? (
        <div className="grid gap-6">
          <Facts request={request} mine={mine} />
          <Events request={request} />
        </div>
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      ) : (
        <div aria-busy className="grid gap-3">
          <Skeleton className="h-5 w-2/5" />
          <Skeleton className="h-24" />
        </div>
      )}
    </EntitySheet>
  );
}

function Facts({ request, mine }: { request: RequestDetail; mine: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-center gap-3 text-sm">
        <RequestStatusBadge request={request} />
        {request.status === "pending" && request.expires_at && <Expiry at={request.expires_at} />}
      </div>
      <dl className="divide-y rounded-md border border-border text-sm">
        <Fact label={t("requests.staff")}>{request.requested_by_name}</Fact>
        <Fact label={t("requests.records")}>{countText(t, format, request)}</Fact>
        {request.skipped_reserved_count > 0 && (
          <Fact label={t("requests.skipped")}>{format.number(request.skipped_reserved_count)}</Fact>
        )}
        <Fact label={t("requests.requested_at")}>{format.dateTime(request.requested_at)}</Fact>
        {request.reason && <Fact label={t("requests.reason")}>{request.reason}</Fact>}
      </dl>
      {request.status === "approved" && (
        <p>
          {mine && request.batch_id ? (
            <Button asChild>
              <Link to="/customers" search={{ group: `batch:${request.batch_id}` }}>
                {t("requests.open_batch")}
                <ArrowRight aria-hidden />
              </Link>
            </Button>
          ) : (
            can("databases.read") && (
              <Button asChild>
                <Link
                  to="/databases/$id"
                  params={{ id: request.database_id }}
                  search={{ assigned_to: request.requested_by }}
                >
                  {t("requests.open_records")}
                  <ArrowRight aria-hidden />
                </Link>
              </Button>
            )
          )}
        </p>
      )}
    </div>
  );
}

function Events({ request }: { request: RequestDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  const why = useWhy();
  return (
    <section>
      <h3 className="pb-2 font-medium text-muted text-xs">{t("requests.events")}</h3>
      <ol className="grid gap-3 border-l pl-4">
        {request.events.map((event) => (
          <li
            key={`${event.at}:${event.to_status}`}
            className="relative text-sm before:absolute before:top-1.5 before:-left-[1.3rem] before:size-2.5 before:rounded-full before:border-2 before:border-border-strong before:bg-surface"
          >
            <p className="font-medium">{codeText("requests.event", event.to_status, event.to_status)}</p>
            {event.reason && <p className="break-words text-muted">{why(event.reason)}</p>}
            <p className="text-muted text-xs">
              {format.dateTime(event.at)} · {event.actor_name}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
