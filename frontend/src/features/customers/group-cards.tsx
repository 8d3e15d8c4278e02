import { useInfiniteQuery } from "@tanstack/react-query";
import type { LucideIcon } from "lucide-react";
import { UsersRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ErrorState } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { POOLS } from "@/features/pools";
import { cn } from "@/lib/cn";
import { type Group, groupsOptions } from "./api";

/** Batches and databases as cards: a column beside the records, on a phone a strip above them. */
export function GroupCards({
  chosen,
  onChoose,
}: {
  chosen: string | undefined;
  onChoose: (group: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(groupsOptions);
  const groups = query.data?.pages.flatMap((page) => page.items) ?? [];

  if (query.isError && !query.data) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return (
    <nav aria-label={t("customers.groups")} aria-busy={query.isPending} className="min-w-0">
      <ul className="-mx-3 flex gap-2 overflow-x-auto px-3 pb-2 lg:mx-0 lg:max-h-[calc(100dvh-11rem)] lg:flex-col lg:overflow-y-auto lg:px-0.5 lg:pt-0.5">
        <GroupCard
          icon={UsersRound}
          title={t("customers.all")}
          detail={t("customers.all_hint")}
          pressed={chosen === undefined}
          onPress={() => onChoose(undefined)}
        />
        {query.isPending &&
          Array.from({ length: 3 }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
            <li key={index} className="shrink-0">
              <Skeleton className="h-[4.75rem] w-56 lg:w-full" />
            </li>
          ))}
        {groups.map((group) => {
          const key = `${group.kind}:${group.id}`;
          return (
            <GroupCard
              key={key}
              icon={POOLS[group.module].icon}
              title={group.title || group.database_name}
              detail={detailOf(group, format.date(group.created_at))}
              count={t("customers.records", {
                count: group.record_count,
                formatted: format.number(group.record_count),
              })}
              pressed={chosen === key}
              onPress={() => onChoose(chosen === key ? undefined : key)}
            />
          );
        })}
        {query.hasNextPage && (
          <li className="shrink-0">
            <Button onClick={() => void query.fetchNextPage()} busy={query.isFetchingNextPage}>
              {t("customers.more_groups")}
            </Button>
          </li>
        )}
      </ul>
    </nav>
  );
}

function detailOf(group: Group, date: string): string {
  const parts = [
    group.title && group.title !== group.database_name ? group.database_name : null,
    group.product_name,
    date,
  ];
  return parts.filter(Boolean).join(" · ");
}

function GroupCard({
  icon: Icon,
  title,
  detail,
  count,
  pressed,
  onPress,
}: {
  icon: LucideIcon;
  title: string;
  detail: string;
  count?: string;
  pressed: boolean;
  onPress: () => void;
}) {
  return (
    <li className="shrink-0">
      <button
        type="button"
        aria-pressed={pressed}
        onClick={onPress}
        className={cn(
          "flex h-full w-56 items-start gap-2.5 rounded-lg border border-border bg-surface p-3 text-left text-sm hover:border-border-strong lg:w-full",
          pressed && "border-accent bg-accent-soft hover:border-accent",
        )}
      >
        <Icon className="mt-0.5 size-4 shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{title}</span>
          <span className="block truncate text-muted text-xs">{detail}</span>
          {count && <span className="tabular block pt-0.5 text-xs">{count}</span>}
        </span>
      </button>
    </li>
  );
}
