import { KeyRound, Pencil, Power, Send, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, EntitySheet, Fact, toast, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { useCodeText } from "@/lib/code-text";
import { useChangeWebhook, usePing, useRemoveWebhook, useRenewSecret, type Webhook } from "./api";
import { DeliveryLog } from "./delivery-log";
import { HookBadge } from "./hook-state";

/** One webhook: where it leads, what it hears, how that went. */
export function WebhookSheet({
  hook,
  onClose,
  onEdit,
  onSecret,
}: {
  hook: Webhook;
  onClose: () => void;
  onEdit: () => void;
  onSecret: (name: string, secret: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  const problemText = useProblemText();
  const ping = usePing();
  const change = useChangeWebhook();
  const renew = useRenewSecret();
  const remove = useRemoveWebhook();
  const [asking, setAsking] = useState<"renew" | "remove" | null>(null);
  const { name } = hook;
  function close() {
    setAsking(null);
    renew.reset();
    remove.reset();
  }
  return (
    <>
      <EntitySheet
        open
        onClose={onClose}
        title={name}
        footer={
          <>
            <Button className="mr-auto text-danger" onClick={() => setAsking("remove")}>
              <Trash2 aria-hidden />
              {t("webhooks.remove")}
            </Button>
            <Button variant="primary" onClick={onEdit}>
              <Pencil aria-hidden />
              {t("common.edit")}
            </Button>
          </>
        }
      >
        <div className="grid gap-5">
          <dl className="divide-y rounded-md border border-border text-sm">
            <Fact label={t("webhooks.state")}>
              <HookBadge hook={hook} />
              {hook.failing_since && hook.is_active && (
                <span className="mt-1 block text-muted text-xs">
                  {t("webhooks.failing_since", {
                    date: format.dateTime(hook.failing_since),
                    count: hook.failures,
                  })}
                </span>
              )}
            </Fact>
            <Fact label={t("webhooks.url")}>
              <span className="break-all">{hook.url}</span>
            </Fact>
            <Fact label={t("webhooks.events")}>
              {hook.events.map((event) => codeText("webhooks.event", event, event)).join(", ")}
            </Fact>
            <Fact label={t("webhooks.created")}>
              {t("webhooks.created_by", { name: hook.created_by_name, date: format.date(hook.created_at) })}
            </Fact>
          </dl>
          <div className="flex flex-wrap gap-2">
            <Button
              busy={ping.isPending}
              disabled={!hook.is_active}
              onClick={() => ping.mutate(hook.id, { onSuccess: () => toast.success(t("webhooks.pinged")) })}
            >
              <Send aria-hidden />
              {t("webhooks.ping")}
            </Button>
            <Button
              busy={change.isPending}
              onClick={() =>
                change.mutate(
                  { id: hook.id, is_active: !hook.is_active },
                  {
                    onSuccess: ({ is_active }) =>
                      toast.success(
                        t(is_active ? "webhooks.switched_on" : "webhooks.switched_off", { name }),
                      ),
                    onError: (error) => toast.error(problemText(error)),
                  },
                )
              }
            >
              <Power aria-hidden />
              {hook.is_active ? t("webhooks.switch_off") : t("webhooks.switch_on")}
            </Button>
            <Button onClick={() => setAsking("renew")}>
              <KeyRound aria-hidden />
              {t("webhooks.renew")}
            </Button>
          </div>
          <DeliveryLog hook={hook} />
        </div>
      </EntitySheet>
      <ConfirmDialog
        open={asking === "renew"}
        onOpenChange={(open) => !open && close()}
        title={t("webhooks.renew_title", { name })}
        consequence={t("webhooks.renew_consequence")}
        confirmLabel={t("webhooks.renew")}
        busy={renew.isPending}
        error={renew.error}
        onConfirm={() =>
          renew.mutate(hook.id, {
            onSuccess: ({ secret }) => {
              close();
              onSecret(name, secret);
            },
          })
        }
      />
      <ConfirmDialog
        open={asking === "remove"}
        onOpenChange={(open) => !open && close()}
        title={t("webhooks.remove_title", { name })}
        consequence={t("webhooks.remove_consequence")}
        confirmLabel={t("webhooks.remove")}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() =>
          remove.mutate(hook.id, {
            onSuccess: () => {
              toast.success(t("webhooks.removed", { name }));
              onClose();
            },
          })
        }
      />
    </>
  );
}
