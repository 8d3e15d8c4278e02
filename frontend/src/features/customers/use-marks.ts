import { type QueryClient, type UseQueryResult, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { newIdempotencyKey, type Page, send } from "@/api/client";
import { can, meKey, type SessionUser } from "@/api/session";
import { groupsOptions } from "./api";
import { tell } from "./mark-notices";
import { MarkQueue, type Transport } from "./mark-queue";
import { asMarked, type QueueState } from "./marked";
import type { HeldRecord, MarksAnswer, VerdictAnswer } from "./types";

/** Counts follow marks, but need not follow each of them. */
const COUNT_AFTER_MS = 1_000;

/** Marks are one door for holders and for those who correct others; verdicts of other people's records have their own. */
function transportFor(user: SessionUser | undefined): Transport {
  const validate = user && can(user, "records.work") ? "/api/my/validate" : "/api/records/validate";
  return {
    marks: (marks) => send<MarksAnswer>("POST", "/api/my/marks", { marks }, { keepalive: true }),
    verdict: (body, idempotencyKey) =>
      send<VerdictAnswer>("POST", validate, body, { idempotencyKey, keepalive: true }),
  };
}

const queues = new WeakMap<QueryClient, MarkQueue>();

/** One queue for the signed-in app, whichever page is shown: leaving a page does not lose what was marked on it. */
function queueOf(client: QueryClient): MarkQueue {
  const known = queues.get(client);
  if (known) return known;
  let counting = false;
  const transport = () => transportFor(client.getQueryData<SessionUser>(meKey));
  const queue = new MarkQueue(
    {
      marks: (marks) => transport().marks(marks),
      verdict: (body, key) => transport().verdict(body, key),
    },
    newIdempotencyKey,
    tell,
    (ids) => {
      for (const id of ids) void client.invalidateQueries({ queryKey: ["customers", "timeline", id] });
      void client.invalidateQueries({ queryKey: ["customers", "customer"] });
      if (counting) return;
      counting = true;
      const saved = Date.now();
      setTimeout(() => {
        counting = false;
        // The event stream tells of own marks too, and is mostly faster.
        const read = client.getQueryState(groupsOptions.queryKey)?.dataUpdatedAt ?? 0;
        if (read < saved) void client.invalidateQueries({ queryKey: groupsOptions.queryKey });
      }, COUNT_AFTER_MS);
    },
  );
  queues.set(client, queue);
  followPage(queue);
  return queue;
}

/** What is marked is sent before the page goes or is put away, and tried again when the connection is back. */
function followPage(queue: MarkQueue): void {
  const drain = () => queue.drain();
  window.addEventListener("pagehide", drain);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && drain());
  window.addEventListener("online", queue.retryNow);
  window.addEventListener("beforeunload", (event) => {
    if (queue.getState().phase === "unsaved") event.preventDefault();
  });
}

export function useMarkQueue(): { queue: MarkQueue; state: QueueState } {
  const queue = queueOf(useQueryClient());
  const state = useSyncExternalStore(queue.subscribe, queue.getState);
  return { queue, state };
}

/** Calls back whenever replacements have taken their places, so that lists and counts are read again. */
export function useOnReplaced(state: QueueState, onReplaced: () => void): void {
  const count = state.replaced.size;
  useEffect(() => {
    if (count > 0) onReplaced();
  }, [count, onReplaced]);
}

/** The same list with every row as it is marked now. */
export function useMarked(
  query: UseQueryResult<Page<HeldRecord>>,
  state: QueueState,
): UseQueryResult<Page<HeldRecord>> {
  return useMemo(() => {
    if (!query.data) return query;
    const data = { ...query.data, items: query.data.items.map((row) => asMarked(row, state)) };
    return { ...query, data } as UseQueryResult<Page<HeldRecord>>;
  }, [query, state]);
}

/** The rows behind selected ids, which may have been selected on earlier pages. */
export function usePicked(rows: readonly HeldRecord[] | undefined): (ids: readonly string[]) => HeldRecord[] {
  const seen = useRef(new Map<string, HeldRecord>());
  useEffect(() => {
    for (const row of rows ?? []) seen.current.set(row.id, row);
  }, [rows]);
  return (ids) => ids.flatMap((id) => seen.current.get(id) ?? []);
}
