import { useInfiniteQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { LogList, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { useCodeText } from "@/lib/code-text";
import { type Delivery, deliveriesOptions, useSendAgain, type Webhook } from "./api";
import { DeliveryBadge } from "./hook-state";

/** What was sent to a webhook, the newest first, and what came of it. */
export function DeliveryLog({ hook }: { hook: Webhook }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(deliveriesOptions(hook.id));
  return (
    <LogList
      label={t("webhooks.log")}
      none={t("webhooks.log_none")}
      older={t("webhooks.older")}
      query={query}
    >
      {(delivery) => <DeliveryRow key={delivery.id} hook={hook} delivery={delivery} />}
    </LogList>
  );
}

function DeliveryRow({ hook, delivery }: { hook: Webhook; delivery: Delivery }) {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  const again = useSendAgain(hook.id);
  const event = codeText("webhooks.event", delivery.event, delivery.event);
  const date = format.dateTime(delivery.happened_at);
  const facts = [
    date,
    delivery.attempts > 0 && t("webhooks.attempts", { count: delivery.attempts }),
    delivery.status_code != null && t("webhooks.answer", { status: delivery.status_code }),
    delivery.attempts > 0 &&
      delivery.next_at &&
      t("webhooks.next_at", { when: format.relative(delivery.next_at) }),
  ];
  return (
    <li className="grid gap-1 px-3 py-2 text-sm">
      <div className="flex flex-wrap items-center gap-2">
        <span className="mr-auto font-medium">{event}</span>
        <DeliveryBadge state={delivery.state} />
        {hook.is_active && delivery.state !== "waiting" && (
          <Button
            variant="ghost"
            size="icon-sm"
            busy={again.isPending}
            aria-label={t("webhooks.again_named", { event, date })}
            title={t("webhooks.again")}
            onClick={() =>
              again.mutate(delivery.id, { onSuccess: () => toast.success(t("webhooks.sent_again")) })
            }
          >
            <RotateCw aria-hidden />
          </Button>
        )}
      </div>
      <p className="text-muted text-xs">{facts.filter(Boolean).join(" · ")}</p>
      {delivery.error && (
        <p className="text-danger text-xs">{codeText("webhooks.error", delivery.error, delivery.error)}</p>
      )}
      {Object.keys(delivery.data).length > 0 && (
        <details className="text-xs">
          <summary className="cursor-pointer text-muted">{t("webhooks.data")}</summary>
          <pre className="mt-1 max-h-48 overflow-auto whitespace-pre-wrap break-all rounded bg-surface-2 p-2">
            {JSON.stringify(delivery.data, null, 2)}
          </pre>
        </details>
      )}
    </li>
  );
}
