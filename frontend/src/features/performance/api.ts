import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { buildUrl, get, newIdempotencyKey, send } from "@/api/client";
import { type LeaderboardSearch, monthQuery, type ReportSearch } from "./search";
import type {
  LeaderboardAnswer,
  OwnProgress,
  Quality,
  Report,
  Targets,
  TargetsInForce,
  TeamProgressAnswer,
} from "./types";

/** Everything here follows the ledger and the targets; the live stream makes it stale by this first part. */
const KEY = "performance";

export const leaderboardOptions = ({ month, period }: LeaderboardSearch) =>
  queryOptions({
    queryKey: [KEY, "leaderboard", period ?? "month", month],
    queryFn: ({ signal }) =>
      get<LeaderboardAnswer>(
        "/api/leaderboard",
        period ? { period } : { period: "month", ...monthQuery(month) },
        signal,
      ),
    placeholderData: keepPreviousData,
  });

export const teamProgressOptions = (month: string | undefined) =>
  queryOptions({
    queryKey: [KEY, "team", month],
    queryFn: ({ signal }) =>
      get<TeamProgressAnswer>("/api/admin/staff-target-progress", monthQuery(month), signal),
    placeholderData: keepPreviousData,
  });

/** One's own progress, or that of one staff for those who may see it. */
export const progressOptions = (staffId?: string, month?: string) =>
  queryOptions({
    queryKey: [KEY, "progress", staffId ?? "own", month],
    queryFn: ({ signal }) =>
      get<OwnProgress>(
        staffId
          ? `/api/admin/staff-target-progress/${encodeURIComponent(staffId)}`
          : "/api/staff/target-progress",
        monthQuery(month),
        signal,
      ),
    placeholderData: keepPreviousData,
  });

export const qualityOptions = (period: string | undefined, staffId?: string) =>
  queryOptions({
    queryKey: [KEY, "quality", period, staffId],
    queryFn: ({ signal }) =>
      get<Quality>("/api/staff/quality", { period: period ?? "month", staff_id: staffId }, signal),
    placeholderData: keepPreviousData,
  });

const targetsPath = (staffId?: string) =>
  staffId ? `/api/leaderboard/targets/staff/${encodeURIComponent(staffId)}` : "/api/leaderboard/targets";

export const targetsOptions = (staffId?: string) =>
  queryOptions({
    queryKey: [KEY, "targets", staffId ?? "default"],
    queryFn: ({ signal }) => get<TargetsInForce>(targetsPath(staffId), undefined, signal),
  });

export type TargetsChange = Partial<Targets> & { effective_from?: string };

/** Sets targets from a day on, or with `null` goes back to what holds for everybody (or from the start). */
export function useSaveTargets(staffId?: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ change, from }: { change: TargetsChange | null; from?: string }) => {
      const options = { idempotencyKey: newIdempotencyKey() };
      return change
        ? send<TargetsInForce>("PUT", targetsPath(staffId), { ...change, effective_from: from }, options)
        : send<TargetsInForce>("POST", `${targetsPath(staffId)}/reset`, { effective_from: from }, options);
    },
    onSuccess: () => client.invalidateQueries({ queryKey: [KEY] }),
    meta: { ownError: true },
  });
}

export const reportFilter = ({ month, product_id, staff_id }: ReportSearch) => ({
  ...monthQuery(month),
  product_id,
  staff_id,
});

export const reportOptions = (search: ReportSearch) =>
  queryOptions({
    queryKey: [KEY, "report", reportFilter(search)],
    queryFn: ({ signal }) => get<Report>("/api/report-crm/data", reportFilter(search), signal),
    placeholderData: keepPreviousData,
  });

export const reportFile = (search: ReportSearch) => buildUrl("/api/report-crm/export", reportFilter(search));
