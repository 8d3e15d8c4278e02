import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bell, Check, CheckCheck, Mail, MailOpen } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { EmptyState, ErrorState, StaleNote } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Card, Skeleton } from "@/components/ui/surface";
import { cn } from "@/lib/cn";
import { useTableSearch } from "@/lib/table-search";
import { inboxOptions, type Notification, useMarkRead } from "./api";
import { useNotificationText } from "./notification-text";
import type { InboxSearch } from "./search";

export function InboxPage() {
  const { t } = useTranslation();
  const { values, set } = useTableSearch<InboxSearch>();
  const onlyUnread = values.unread === "true";
  const query = useInfiniteQuery(inboxOptions(onlyUnread));
  const markRead = useMarkRead();
  const unread = query.data?.pages[0]?.body.unread ?? 0;
  const entries = query.data?.pages.flatMap((page) => page.body.notifications) ?? [];
  return (
    <>
      <PageHeader
        title={t("inbox.title")}
        description={query.data && (unread > 0 ? t("inbox.unread", { count: unread }) : t("inbox.all_read"))}
        actions={
          <>
            <Button
              aria-pressed={onlyUnread}
              variant={onlyUnread ? "primary" : "secondary"}
              onClick={() => set({ unread: onlyUnread ? undefined : "true" })}
            >
              <MailOpen aria-hidden />
              {t("inbox.only_unread")}
            </Button>
            {unread > 0 && (
              <Button
                onClick={() => markRead.mutate({ read: true })}
                busy={markRead.isPending && !markRead.variables.ids}
              >
                <CheckCheck aria-hidden />
                {t("inbox.mark_all")}
              </Button>
            )}
          </>
        }
      />
      {query.isError && query.data && <StaleNote error={query.error} onRetry={() => query.refetch()} />}
      <Card className="max-w-3xl overflow-hidden">
        {query.isPending ? (
          <div aria-busy className="divide-y">
            {["a", "b", "c", "d"].map((key) => (
              <div key={key} className="grid gap-2 p-4">
                <Skeleton className="h-4 w-56" />
                <Skeleton className="h-3 w-24" />
              </div>
            ))}
          </div>
        ) : query.data === undefined ? (
          <ErrorState error={query.error} onRetry={() => query.refetch()} />
        ) : entries.length === 0 ? (
          <EmptyState
            icon={Bell}
            title={t(onlyUnread ? "inbox.all_read" : "inbox.empty")}
            description={onlyUnread ? undefined : t("inbox.empty_hint")}
          />
        ) : (
          <ul className="divide-y" aria-label={t("inbox.title")}>
            {entries.map((entry) => (
              <Entry
                key={entry.id}
                entry={entry}
                onMark={(read) => markRead.mutate({ ids: [entry.id], read })}
              />
            ))}
          </ul>
        )}
      </Card>
      {query.hasNextPage && (
        <Button className="mt-3" onClick={() => query.fetchNextPage()} busy={query.isFetchingNextPage}>
          {t("inbox.older")}
        </Button>
      )}
    </>
  );
}

function Entry({ entry, onMark }: { entry: Notification; onMark: (read: boolean) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { title, text, target } = useNotificationText()(entry);
  const isNew = !entry.read_at;
  return (
    <li className={cn("flex items-start gap-3 px-4 py-3", isNew && "bg-accent-soft/50")}>
      <span
        className={cn("mt-2 size-2 shrink-0 rounded-full", isNew ? "bg-accent" : "bg-transparent")}
        aria-hidden
      />
      <div className="min-w-0 flex-1">
        <p className={cn("text-sm", isNew && "font-semibold")}>
          {target ? (
            <Link {...target} onClick={() => isNew && onMark(true)} className="rounded hover:underline">
              {title}
            </Link>
          ) : (
            title
          )}
        </p>
        <p className="break-words text-muted text-sm">{text}</p>
        <time
          dateTime={entry.created_at}
          title={format.dateTime(entry.created_at)}
          className="text-muted text-xs"
        >
          {format.relative(entry.created_at)}
        </time>
      </div>
      <Button size="sm" variant="ghost" onClick={() => onMark(isNew)}>
        {isNew ? <Check className="sm:hidden" aria-hidden /> : <Mail className="sm:hidden" aria-hidden />}
        <span className="max-sm:sr-only">{t(isNew ? "inbox.mark_read" : "inbox.mark_unread")}</span>
      </Button>
    </li>
  );
}
