import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

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
  jobs: ["jobs"],
  recalculation: ["deposits/recalculation"],
  // Whoever decides is told of one that waits; a deposit is the last of its reservation.
  deposits: ["deposits", "reservations", "notifications", "today", "performance"],
  targets: ["performance"],
  reservations: ["reservations", "pools", "customers", "requests", "notifications", "health/conflicts"],
  health: ["health"],
};

/**
 * What is read again only when somebody comes back to it. Marks are made every few seconds all day: whoever makes them
 * has them on screen already, and lists that were read again each time would be counted as being read (anti-harvest).
 */
const STALE_LATER: Record<string, readonly string[]> = {
  contacts: ["customers", "pools"],
};

/** Announcements come in bursts (one per batch of a large hand-out); they are answered by one round of reading. */
const QUIET_MS = 400;

export function topicOf(data: string): string | null {
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === "object" && message !== null && "topic" in message
      ? String(message.topic)
      : null;
  } catch {
    return null;
  }
}

/** Opens the one stream of this browser and makes queries stale as it tells; returns how to close it. */
export function followLive(client: QueryClient, open: (url: string) => EventSource): () => void {
  const source = open("/api/stream");
  const waiting = new Set<string>();
  let timer: number | undefined;
  source.onmessage = (event: MessageEvent<string>) => {
    const topic = topicOf(event.data) ?? "";
    for (const key of STALE_LATER[topic] ?? []) {
      void client.invalidateQueries({ queryKey: [key], refetchType: "none" });
    }
    for (const key of STALE[topic] ?? []) waiting.add(key);
    if (waiting.size === 0 || timer !== undefined) return;
    timer = window.setTimeout(() => {
      timer = undefined;
      for (const key of waiting) void client.invalidateQueries({ queryKey: key.split("/") });
      waiting.clear();
    }, QUIET_MS);
  };
  return () => {
    window.clearTimeout(timer);
    source.close();
  };
}

/** For the frame of the signed-in app. The browser reconnects by itself and says where it stopped. */
export function useLiveUpdates(enabled: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!enabled || typeof EventSource === "undefined") return;
    return followLive(client, (url) => new EventSource(url));
  }, [client, enabled]);
}
