import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { ErrorState } from "./states";

type LogListProps<Entry> = {
  label: string;
  /** What is said when there is nothing yet. */
  none: string;
  /** The button that shows more. */
  older: string;
  query: UseInfiniteQueryResult<InfiniteData<{ items: Entry[] }>>;
  children: (entry: Entry) => ReactNode;
};

/** What happened to one thing, the newest first, page by page. */
export function LogList<Entry>({ label, none, older, query, children }: LogListProps<Entry>) {
  const entries = query.data?.pages.flatMap((page) => page.items);
  return (
    <section className="grid gap-2">
      <h3 className="font-medium text-muted text-xs">{label}</h3>
      {entries ? (
        entries.length === 0 ? (
          <p className="text-muted text-sm">{none}</p>
        ) : (
          <ol aria-label={label} className="divide-y rounded-md border border-border">
            {entries.map(children)}
          </ol>
        )
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      ) : (
        <Skeleton className="h-24" />
      )}
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          {older}
        </Button>
      )}
    </section>
  );
}
