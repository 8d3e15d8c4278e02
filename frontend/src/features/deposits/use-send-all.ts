import { useRef, useState } from "react";
import { newIdempotencyKey } from "@/api/client";
import { bookRows, useRefresh } from "./api";
import type { CheckedRow } from "./paste-checked";
import type { BookedRow, Deposit } from "./types";

/** What became of a row: a deposit, what is wrong with it, or no answer at all. */
export type Sent = { entry: CheckedRow; deposit?: Deposit; faults?: BookedRow["errors"]; error?: unknown };

export type SendingAll = {
  phase: "idle" | "sending" | "done";
  done: number;
  total: number;
  results: readonly Sent[];
  start: (entries: readonly CheckedRow[]) => void;
};

type Batch = { key: string; entries: readonly CheckedRow[] };

/** So many rows are booked by one request. */
const AT_ONCE = 50;

/**
 * Books rows, some at a time and in their order. Those that were left without an answer are sent again as they were, with
 * their key: they may have been booked.
 */
export function useSendAll(): SendingAll {
  const refresh = useRefresh();
  const unanswered = useRef<Batch[]>([]);
  const [phase, setPhase] = useState<SendingAll["phase"]>("idle");
  const [total, setTotal] = useState(0);
  const [results, setResults] = useState<ReadonlyMap<number, Sent>>(new Map());
  const [done, setDone] = useState(0);

  async function send(entries: readonly CheckedRow[]) {
    setPhase("sending");
    setTotal(entries.length);
    setDone(0);
    const batches = batchesOf(entries, unanswered.current);
    unanswered.current = [];
    for (const batch of batches) {
      let sent: Sent[];
      try {
        const rows = await bookRows(
          batch.entries.map(({ form }) => form),
          batch.key,
        );
        sent = batch.entries.map((entry, index) => ({
          entry,
          deposit: rows[index]?.deposit ?? undefined,
          faults: rows[index]?.errors,
        }));
      } catch (error) {
        unanswered.current.push(batch);
        sent = batch.entries.map((entry) => ({ entry, error }));
      }
      setResults((before) => new Map([...before, ...sent.map((one) => [one.entry.row.line, one] as const)]));
      setDone((before) => before + batch.entries.length);
    }
    setPhase("done");
    refresh();
  }

  return { phase, done, total, results: [...results.values()], start: (entries) => void send(entries) };
}

function batchesOf(entries: readonly CheckedRow[], unanswered: readonly Batch[]): Batch[] {
  const known = new Set(unanswered.flatMap((batch) => batch.entries.map(({ row }) => row.line)));
  const others = entries.filter(({ row }) => !known.has(row.line));
  const batches = [...unanswered];
  for (let start = 0; start < others.length; start += AT_ONCE)
    batches.push({ key: newIdempotencyKey(), entries: others.slice(start, start + AT_ONCE) });
  return batches;
}
