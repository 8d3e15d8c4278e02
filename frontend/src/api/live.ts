import { type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { hearStream } from "./live-stream";

/** What each topic of `GET /api/stream` makes stale, as first parts of query keys: `a/b` is all that begins with a, b. */
const STALE: Record<string, readonly string[]> = {
  notifications: ["notifications"],
  databases: ["pools", "imports", "today", "products"],
  // A hand-out or a recall also tells the people concerned.
  records: ["pools", "customers", "today", "notifications", "validation"],
  contacts: ["customers/groups", "customers/timeline", "validation"],
  // Whoever decides is told of a new request, whoever asked of the decision.
  requests: ["requests", "today", "notifications"],
  // A new alert is also in the inbox of those who decide.
  validation: ["validation", "today", "notifications"],
  followups: ["followups", "customers/timeline", "today"],
  jobs: ["jobs"],
  exports: ["exports"],
  recalculation: ["deposits/recalculation"],
  // Whoever decides is told of one that waits; a deposit is the last of its reservation.
  deposits: ["deposits", "reservations", "notifications", "today", "performance", "retention"],
  retention: ["retention", "today"],
  targets: ["performance"],
  webhooks: ["webhooks"],
  reservations: ["reservations", "pools", "customers", "requests", "notifications", "health/conflicts"],
  health: ["health"],
  // Somebody has come who was not there.
  presence: ["users", "today"],
  // The stream was refused; if the session is over, the next answer says so.
  session: ["me"],
};

/**
 * Lists of customers that marks change. Whoever makes the marks has them on screen already: those lists are read again
 * when somebody comes back to them. For everybody else only the first screen is, which is not counted (anti-harvest).
 */
const MARKED = ["customers", "pools"];

/** Figures that every mark, deposit and hand-out changes. */
const FIGURES = "analytics";
const COUNTED = new Set(["contacts", "records", "deposits", "databases"]);

/** Announcements come in bursts (one per batch of a large hand-out); they are answered by one round of reading. */
const QUIET_MS = 400;
/** On a desk where everybody works, an open page is read again this often at most. */
const ROUND_MS = 1_000;
/** Figures move at each mark; nobody reads them faster than this. */
const FIGURES_MS = 15_000;

type News = { topic: string; staff_id?: unknown };

export function newsOf(data: string): News | null {
  try {
    const news: unknown = JSON.parse(data);
    if (typeof news !== "object" || news === null || !("topic" in news)) return null;
    return { ...news, topic: String(news.topic) };
  } catch {
    return null;
  }
}

/** Whether a query shows a list from its beginning, and not what somebody searched for. */
function isFirstScreen(key: QueryKey): boolean {
  return !key.some(
    (part) =>
      typeof part === "object" &&
      part !== null &&
      (("cursor" in part && part.cursor) || ("q" in part && part.q)),
  );
}

type Hear = (hear: (data: string) => void) => () => void;

/** Does `work` soon after it is asked for, and never twice within `pause`. */
function rounds(pause: number, work: () => void) {
  let timer: number | undefined;
  let next = 0;
  const round = () => {
    timer = undefined;
    next = Date.now() + pause;
    work();
  };
  return {
    ask: () => {
      timer ??= window.setTimeout(round, Math.max(QUIET_MS, next - Date.now()));
    },
    stop: () => {
      window.clearTimeout(timer);
      timer = undefined;
    },
  };
}

/** Makes queries stale as the stream tells; returns how to stop. `me` is who is signed in. */
export function followLive(client: QueryClient, me: string, listen: Hear): () => void {
  const waiting = new Set<string>();
  let everything = false;
  let marked = false;
  // Nobody sees a page in the background: it is read again when somebody comes back to it.
  const refetchType = () => (document.hidden ? "none" : "active");
  const lists = rounds(ROUND_MS, () => {
    if (everything) void client.invalidateQueries({ refetchType: refetchType() });
    for (const key of everything ? [] : waiting) {
      void client.invalidateQueries({ queryKey: key.split("/"), refetchType: refetchType() });
    }
    for (const key of everything || !marked ? [] : MARKED) {
      void client.invalidateQueries({
        queryKey: [key],
        predicate: (query) => isFirstScreen(query.queryKey),
        refetchType: refetchType(),
      });
    }
    waiting.clear();
    everything = marked = false;
  });
  const figures = rounds(FIGURES_MS, () => {
    void client.invalidateQueries({ queryKey: [FIGURES], refetchType: refetchType() });
  });
  const stop = listen((data) => {
    const news = newsOf(data);
    if (news === null) return;
    if (news.topic === "contacts") {
      for (const key of MARKED) void client.invalidateQueries({ queryKey: [key], refetchType: "none" });
      if (news.staff_id !== me) marked = true;
    }
    if (news.topic === "resync") {
      everything = true;
      figures.stop();
    }
    for (const key of STALE[news.topic] ?? []) waiting.add(key);
    if (COUNTED.has(news.topic)) figures.ask();
    if (waiting.size > 0 || everything || marked) lists.ask();
  });
  return () => {
    lists.stop();
    figures.stop();
    stop();
  };
}

/** For the frame of the signed-in app. */
export function useLiveUpdates(me: string, enabled: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!enabled || typeof EventSource === "undefined") return;
    return followLive(client, me, (hear) =>
      hearStream(`crm-live-${me}`, hear, (url) => new EventSource(url)),
    );
  }, [client, me, enabled]);
}
