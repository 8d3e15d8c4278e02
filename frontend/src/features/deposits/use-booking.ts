import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { newIdempotencyKey } from "@/api/client";
import { useMe } from "@/api/session";
import { book, preview } from "./api";
import { BookingQueue, type Entry } from "./booking-queue";
import type { PreviewRow } from "./types";

const NOTHING: PreviewRow = { errors: [], possible_duplicate: false };

const queues = new WeakMap<QueryClient, { userId: string; queue: BookingQueue }>();

/**
 * One queue for who is signed in, whichever page is shown: leaving the page does not lose what was entered on it, and
 * what one person has left unsaved is never booked as the next one's.
 */
function queueOf(client: QueryClient, userId: string): BookingQueue {
  const known = queues.get(client);
  if (known?.userId === userId) return known.queue;
  const queue = new BookingQueue(
    { preview: async (form) => (await preview([form]))[0] ?? NOTHING, book },
    newIdempotencyKey,
    () => {
      for (const key of ["deposits", "reservations", "today"]) {
        void client.invalidateQueries({ queryKey: [key] });
      }
    },
  );
  queues.set(client, { userId, queue });
  window.addEventListener("beforeunload", (event) => {
    if (queues.get(client)?.queue === queue && queue.getState().length > 0) event.preventDefault();
  });
  return queue;
}

export function useBooking(): { queue: BookingQueue; entries: readonly Entry[] } {
  const queue = queueOf(useQueryClient(), useMe().id);
  const entries = useSyncExternalStore(queue.subscribe, queue.getState);
  return { queue, entries };
}
