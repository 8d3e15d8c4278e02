import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type LucideIcon, Pin, UsersRound } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ErrorState } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { POOLS } from "@/features/pools";
import { cn } from "@/lib/cn";
import { groupsOptions } from "./api";
import { ProgressRing } from "./progress-ring";
import type { CustomersSearch } from "./search";
import type { Group } from "./types";

export const keyOf = (group: Pick<Group, "kind" | "id">) => `${group.kind}:${group.id}`;
export const titleOf = (group: Group) => group.custom_title || group.title || group.database_name;

/** The group that an address names, wherever it stands in the list. */
export function useGroup(key: string | undefined): Group | undefined {
  const { data, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery(groupsOptions);
  const group = data?.pages.flatMap((page) => page.items).find((one) => keyOf(one) === key);
  const goOn = key !== undefined && !group && hasNextPage && !isFetching;
  useEffect(() => {
    if (goOn) void fetchNextPage();
  }, [goOn, fetchNextPage]);
  return group;
}

/** Batches and databases: a column beside the records, on a phone a strip above them. Each is an address of its own. */
export function GroupList({ chosen }: { chosen: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(groupsOptions);
  const groups = query.data?.pages.flatMap((page) => page.items) ?? [];

  if (query.isError && !query.data) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return (
    <nav
      aria-label={t("customers.groups")}
      aria-busy={query.isPending}
      className="min-w-0 xl:sticky xl:top-[calc(4rem+var(--banner))]"
    >
      <ul className="-mx-3 flex gap-2 overflow-x-auto px-3 pt-0.5 pb-2 xl:mx-0 xl:max-h-[calc(100dvh-6rem-var(--banner))] xl:flex-col xl:gap-1 xl:overflow-y-auto xl:px-0.5">
        <GroupItem
          icon={UsersRound}
          title={t("customers.all")}
          detail={t("customers.all_hint")}
          isChosen={chosen === undefined}
          group={undefined}
        />
        {query.isPending &&
          Array.from({ length: 3 }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
            <li key={index} className="shrink-0">
              <Skeleton className="h-16 w-60 xl:w-full" />
            </li>
          ))}
        {groups.map((group) => (
          <GroupItem
            key={keyOf(group)}
            icon={POOLS[group.module].icon}
            title={titleOf(group)}
            detail={detailOf(group, format.date(group.created_at))}
            isChosen={chosen === keyOf(group)}
            group={group}
          />
        ))}
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
    titleOf(group) === group.database_name ? null : group.database_name,
    group.product_name,
    date,
  ];
  return parts.filter(Boolean).join(" · ");
}

function GroupItem({
  icon: Icon,
  title,
  detail,
  isChosen,
  group,
}: {
  icon: LucideIcon;
  title: string;
  detail: string;
  isChosen: boolean;
  group: Group | undefined;
}) {
  const { t } = useTranslation();
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) item.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [isChosen]);
  return (
    <li ref={item} className="shrink-0">
      <Link
        to="/customers"
        search={(group ? { group: keyOf(group) } : {}) satisfies Partial<CustomersSearch>}
        activeOptions={{ exact: true, includeSearch: true }}
        aria-current={isChosen ? "page" : undefined}
        className={cn(
          "flex h-full w-60 items-center gap-2.5 rounded-lg border border-border bg-surface px-3 py-2 text-sm hover:border-border-strong xl:w-full",
          isChosen && "border-accent bg-accent-soft hover:border-accent",
        )}
      >
        {group ? (
          <ProgressRing done={group.worked_count} total={group.record_count} />
        ) : (
          <span className="grid size-8 shrink-0 place-content-center">
            <Icon className="size-4 text-muted" aria-hidden />
          </span>
        )}
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-1.5">
            <span className="truncate font-medium">{title}</span>
            {group?.is_pinned && (
              <>
                <Pin className="size-3 shrink-0 text-accent-text" aria-hidden />
                <span className="sr-only">{t("customers.group.pinned")}</span>
              </>
            )}
          </span>
          <span className="block truncate text-muted text-xs">{detail}</span>
          {group && <GroupFigures group={group} icon={<Icon className="size-3 shrink-0" aria-hidden />} />}
        </span>
      </Link>
    </li>
  );
}

function NewCount({ count }: { count: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span className="tabular ml-auto shrink-0 rounded-full bg-accent px-1.5 font-medium text-[11px] text-accent-foreground leading-4">
      {t("customers.group.new_count", { count, formatted: format.number(count) })}
    </span>
  );
}

function GroupFigures({ group, icon }: { group: Group; icon: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span className="tabular flex items-center gap-1 text-muted text-xs">
      {icon}
      <span className="truncate">
        {t("customers.group.worked", {
          count: group.record_count,
          worked: format.number(group.worked_count),
          formatted: format.number(group.record_count),
        })}
      </span>
      {group.new_count > 0 && <NewCount count={group.new_count} />}
    </span>
  );
}
