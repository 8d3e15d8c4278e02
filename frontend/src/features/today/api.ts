import { queryOptions } from "@tanstack/react-query";
import { get } from "@/api/client";
import type { Schemas } from "@/api/schema";

export type RecordCounts = Schemas["RecordCounts"];
/** The whole desk, for those who read all databases. */
export type DeskToday = Schemas["DeskToday"];
/** The reader's own records, for those who work them. */
export type OwnToday = Schemas["OwnToday"];
export type WaitingToday = Schemas["WaitingToday"];
export type DepositsToday = Schemas["DepositsToday"];
export type Today = Schemas["TodayOut"];

export const todayOptions = queryOptions({
  queryKey: ["today"],
  queryFn: ({ signal }) => get<Today>("/api/today", undefined, signal),
});
