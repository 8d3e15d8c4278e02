import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { getPage, newIdempotencyKey, send } from "@/api/client";
import type { Job, JobChange, RunDetail } from "./types";

const jobsKey = ["jobs"] as const;
const RUNS_AT_ONCE = 20;

export const jobsOptions = queryOptions({
  queryKey: [...jobsKey, "list"],
  queryFn: ({ signal }) => getPage<Job>("/api/jobs", {}, signal),
});

/** The runs of a job, the newest first, a page after the other. */
export const runsOptions = (key: string) =>
  infiniteQueryOptions({
    queryKey: [...jobsKey, "runs", key],
    queryFn: ({ pageParam, signal }) =>
      getPage<RunDetail>(`/api/jobs/${key}/runs`, { limit: RUNS_AT_ONCE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

function useJobMutation<V>(run: (variables: V) => Promise<Job>, ownError: boolean) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSettled: () => client.invalidateQueries({ queryKey: jobsKey }),
    meta: { ownError },
  });
}

export const useRunJob = () =>
  useJobMutation(
    (key: string) =>
      send<Job>("POST", `/api/jobs/${key}/run`, undefined, { idempotencyKey: newIdempotencyKey() }),
    false,
  );

/** `ownError`: a form or a dialog shows why it was refused. */
export const useChangeJob = (ownError: boolean) =>
  useJobMutation(
    ({ key, ...change }: JobChange & { key: string }) => send<Job>("PATCH", `/api/jobs/${key}`, change),
    ownError,
  );
