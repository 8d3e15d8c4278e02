import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { newIdempotencyKey } from "@/api/client";
import { book, preview } from "./api";
import { BookingQueue, type Entry } from "./booking-queue";
import type { PreviewRow } from "./types";

const NOTHING: PreviewRow = { errors: [], possible_duplicate: false };

const queues = new WeakMap<QueryClient, BookingQueue>();

/** One queue for the signed-in app, whichever page is shown: leaving the page does not lose what was entered on it. */
function queueOf(client: QueryClient): BookingQueue {
  const known = queues.get(client);
  if (known) return known;
  const queue = new BookingQueue(
    { preview: async (form) => (await preview([form]))[0] ?? NOTHING, book },
    newIdempotencyKey,
    () => {
      for (const key of ["deposits", "reservations", "today"]) {
        void client.invalidateQueries({ queryKey: [key] });
      }
    },
  );
  queues.set(client, queue);
  window.addEventListener("beforeunload", (event) => {
    if (queue.getState().length > 0) event.preventDefault();
  });
  return queue;
}

export function useBooking(): { queue: BookingQueue; entries: readonly Entry[] } {
  const queue = queueOf(useQueryClient());
  const entries = useSyncExternalStore(queue.subscribe, queue.getState);
  return { queue, entries };
}
