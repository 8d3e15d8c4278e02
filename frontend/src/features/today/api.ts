import { queryOptions } from "@tanstack/react-query";
import { get } from "@/api/client";

/** Counters of the reader's own role: whatever the role has no business with is absent. */
export type Today = Partial<Record<string, number>>;

export const todayOptions = queryOptions({
  queryKey: ["today"],
  queryFn: ({ signal }) => get<Today>("/api/today", undefined, signal),
  refetchInterval: 60_000,
});
