import { queryOptions } from "@tanstack/react-query";
import { get } from "./client";
import type { Schemas } from "./schema";

export type StaffChoice = { id: string; name: string };

/** Everybody who can hold records, by name, for pickers. The key starts like the users' own, so their changes reach it. */
export const staffChoicesOptions = queryOptions({
  queryKey: ["users", "staff-choices"],
  queryFn: ({ signal }) => get<StaffChoice[]>("/api/staff-users", undefined, signal),
  staleTime: 60_000,
});

export type ReasonCode = Schemas["ReasonCode"];

/** Why a record can be called invalid; what is switched off stays readable on old records. */
export const reasonCodesOptions = queryOptions({
  queryKey: ["settings", "reason-codes"],
  queryFn: ({ signal }) => get<ReasonCode[]>("/api/settings/reason-codes", undefined, signal),
  staleTime: 5 * 60_000,
});
