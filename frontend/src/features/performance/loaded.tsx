import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState, StaleNote } from "@/components/feedback";
import { Card, Skeleton } from "@/components/ui/surface";

/** The states of a page that is one answer: being loaded, failed, shown as last loaded, and there. */
export function Loaded<T>({
  query,
  children,
}: {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && <StaleNote error={query.error} onRetry={() => query.refetch()} />}
        <div className={query.isPlaceholderData ? "opacity-60" : undefined}>{children(query.data)}</div>
      </>
    );
  }
  if (query.isError) {
    return (
      <Card>
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      </Card>
    );
  }
  return (
    <div aria-busy className="grid gap-3">
      <Skeleton className="h-20" />
      <Skeleton className="h-72" />
    </div>
  );
}
