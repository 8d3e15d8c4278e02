import { useRef, useState } from "react";
import { newIdempotencyKey } from "@/api/client";
import { book, useRefresh } from "./api";
import type { CheckedRow } from "./paste-checked";
import type { Deposit } from "./types";

export type Sent = { entry: CheckedRow; deposit?: Deposit; error?: unknown };

export type SendingAll = {
  phase: "idle" | "sending" | "done";
  done: number;
  total: number;
  results: readonly Sent[];
  start: (entries: readonly CheckedRow[]) => void;
};

/** Books rows one after another, each with a key of its own that it keeps when it is tried again. */
export function useSendAll(): SendingAll {
  const refresh = useRefresh();
  const keys = useRef(new Map<number, string>());
  const [phase, setPhase] = useState<SendingAll["phase"]>("idle");
  const [total, setTotal] = useState(0);
  const [results, setResults] = useState<ReadonlyMap<number, Sent>>(new Map());
  const [done, setDone] = useState(0);

  async function send(entries: readonly CheckedRow[]) {
    setPhase("sending");
    setTotal(entries.length);
    setDone(0);
    for (const entry of entries) {
      const { line } = entry.row;
      const key = keys.current.get(line) ?? newIdempotencyKey();
      keys.current.set(line, key);
      let sent: Sent;
      try {
        sent = { entry, deposit: await book(entry.form, key) };
      } catch (error) {
        sent = { entry, error };
      }
      setResults((before) => new Map(before).set(line, sent));
      setDone((before) => before + 1);
    }
    setPhase("done");
    refresh();
  }

  return { phase, done, total, results: [...results.values()], start: (entries) => void send(entries) };
}
