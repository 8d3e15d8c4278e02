import { queryOptions } from "@tanstack/react-query";
import { get } from "./client";

export type StaffChoice = { id: string; name: string };

/** Everybody who can hold records, by name, for pickers. The key starts like the users' own, so their changes reach it. */
export const staffChoicesOptions = queryOptions({
  queryKey: ["users", "staff-choices"],
  queryFn: ({ signal }) => get<StaffChoice[]>("/api/staff-users", undefined, signal),
  staleTime: 60_000,
});
