import { queryOptions } from "@tanstack/react-query";
import { get } from "@/api/client";

export type RecordCounts = {
  total: number;
  available: number;
  requested: number;
  assigned: number;
  archived: number;
  reserved: number;
};

export type ModuleCounts = { module: string; databases: number; records: RecordCounts };

/** The whole desk, for those who read all databases. */
export type DeskToday = {
  databases: number;
  records: RecordCounts;
  modules: ModuleCounts[];
  staff_online: number;
  staff_active: number;
  imports_running: number;
};

/** The reader's own records, for those who work them. */
export type OwnToday = {
  open_records: number;
  received_today: number;
  modules: { module: string; open_records: number; received_today: number }[];
};

export type Today = { date: string; desk?: DeskToday; own?: OwnToday };

export const todayOptions = queryOptions({
  queryKey: ["today"],
  queryFn: ({ signal }) => get<Today>("/api/today", undefined, signal),
  refetchInterval: 60_000,
});
