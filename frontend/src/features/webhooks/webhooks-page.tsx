import { useQuery } from "@tanstack/react-query";
import { Plus, Webhook as WebhookIcon } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { columnHelper, DataTable } from "@/components/data-table";
import { SecretDialog, toast } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { useCodeText } from "@/lib/code-text";
import { useTableSearch } from "@/lib/table-search";
import { useChangeWebhook, useCreateWebhook, type Webhook, webhooksOptions } from "./api";
import { HookBadge } from "./hook-state";
import type { WebhooksSearch } from "./search";
import { WebhookForm } from "./webhook-form";
import { WebhookSheet } from "./webhook-sheet";

/** Other systems that are told of what happens, and how that goes. */
export function WebhooksPage() {
  const { t } = useTranslation();
  const codeText = useCodeText();
  const search = useTableSearch<WebhooksSearch>();
  const query = useQuery(webhooksOptions);
  const create = useCreateWebhook();
  const change = useChangeWebhook();
  const [shown, setShown] = useState<{ name: string; secret: string } | null>(null);
  const columns = useMemo(() => {
    const column = columnHelper<Webhook>();
    return [
      column("name", {
        label: t("webhooks.name"),
        card: "title",
        hideable: false,
        cell: (hook) => <span className="font-medium">{hook.name}</span>,
      }),
      column("state", { label: t("webhooks.state"), cell: (hook) => <HookBadge hook={hook} /> }),
      column("url", {
        label: t("webhooks.url"),
        className: "max-w-sm",
        cell: (hook) => <span className="break-all text-muted">{hook.url}</span>,
      }),
      column("events", {
        label: t("webhooks.events"),
        className: "max-w-md",
        cell: (hook) => hook.events.map((event) => codeText("webhooks.event", event, event)).join(", "),
      }),
    ];
  }, [t, codeText]);
  const opened = query.data?.items.find((hook) => hook.id === search.values.open);
  const add = (
    <Button variant="primary" onClick={() => search.setPanel("new")}>
      <Plus aria-hidden />
      {t("webhooks.new")}
    </Button>
  );
  function closePanel() {
    create.reset();
    change.reset();
    search.setPanel(undefined);
  }
  return (
    <>
      <PageHeader
        title={t("webhooks.title")}
        description={t("webhooks.description")}
        back={{ to: "/admin/settings", label: t("settings.title") }}
        actions={add}
      />
      <DataTable
        id="webhooks"
        label={t("webhooks.title")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(hook) => hook.id}
        empty={{
          icon: WebhookIcon,
          title: t("webhooks.empty"),
          description: t("webhooks.empty_hint"),
          action: add,
        }}
        onOpen={(hook) => search.setOpen(hook.id)}
        isOpen={(hook) => hook.id === search.values.open}
      />
      {search.values.panel === "new" && (
        <WebhookForm
          busy={create.isPending}
          error={create.error}
          onClose={closePanel}
          onSave={(values, failed) =>
            create.mutate(values, {
              onSuccess: ({ name, secret }) => {
                closePanel();
                setShown({ name, secret });
              },
              onError: failed,
            })
          }
        />
      )}
      {opened &&
        (search.values.panel === "edit" ? (
          <WebhookForm
            key={opened.id}
            hook={opened}
            busy={change.isPending}
            error={change.error}
            onClose={closePanel}
            onSave={(values, failed) =>
              change.mutate(
                { id: opened.id, ...values },
                {
                  onSuccess: () => {
                    toast.success(t("common.saved"));
                    closePanel();
                  },
                  onError: failed,
                },
              )
            }
          />
        ) : (
          <WebhookSheet
            key={opened.id}
            hook={opened}
            onClose={() => search.setOpen(undefined)}
            onEdit={() => search.setPanel("edit")}
            onSecret={(name, secret) => setShown({ name, secret })}
          />
        ))}
      {shown && (
        <SecretDialog
          title={t("webhooks.secret", { name: shown.name })}
          secret={shown.secret}
          onClose={() => setShown(null)}
        />
      )}
    </>
  );
}
