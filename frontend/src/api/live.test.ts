import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followLive, newsOf } from "./live";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function listen(me = "s-0") {
  const client = new QueryClient();
  const invalidate = vi.spyOn(client, "invalidateQueries").mockResolvedValue();
  const close = vi.fn();
  let hear: (data: string) => void = () => undefined;
  const stop = followLive(client, me, (heard) => {
    hear = heard;
    return close;
  });
  const tell = (data: unknown) => hear(JSON.stringify(data));
  const read = () => invalidate.mock.calls.filter(([filters]) => filters?.refetchType === "active");
  const ofFigures = (call: (typeof invalidate.mock.calls)[number]) => call[0]?.queryKey?.[0] === "analytics";
  const lists = () => read().filter((call) => !ofFigures(call));
  const figures = () => read().filter(ofFigures);
  const keys = () => lists().map(([filters]) => filters?.queryKey?.[0]);
  return { close, stop, tell, keys, read, lists, figures, invalidate };
}

describe("live updates", () => {
  it("read again what a burst of announcements concerns, once", () => {
    const { tell, keys } = listen();
    for (let i = 0; i < 20; i += 1) tell({ topic: "records", module: "normal" });
    tell({ topic: "notifications" });
    expect(keys()).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(keys().sort()).toEqual(["customers", "notifications", "pools", "today", "validation"]);
  });

  it("of one's own marks make lists old, and read only counts again", () => {
    const { tell, lists, invalidate } = listen("s-1");
    tell({ topic: "contacts", staff_id: "s-1" });
    vi.advanceTimersByTime(500);
    expect(lists().map(([filters]) => filters?.queryKey)).toEqual([
      ["customers", "groups"],
      ["customers", "timeline"],
      ["validation"],
    ]);
    const old = invalidate.mock.calls.filter(([filters]) => filters?.refetchType === "none");
    expect(old.map(([filters]) => filters?.queryKey)).toEqual([["customers"], ["pools"]]);
  });

  it("of somebody else's marks read the first screens of lists again", () => {
    const { tell, read } = listen("an admin");
    tell({ topic: "contacts", staff_id: "s-1" });
    vi.advanceTimersByTime(500);
    const lists = read().filter(([filters]) => filters?.predicate !== undefined);
    expect(lists.map(([filters]) => filters?.queryKey)).toEqual([["customers"], ["pools"]]);
    const isRead = (search: object) =>
      lists[0]?.[0]?.predicate?.({ queryKey: ["customers", "records", search] } as never);
    expect([isRead({ limit: 50 }), isRead({ cursor: "x" }), isRead({ q: "ana" })]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("read everything again when too much was missed", () => {
    const { tell, invalidate } = listen();
    tell({ topic: "deposits" });
    tell({ topic: "resync" });
    vi.advanceTimersByTime(500);
    expect(invalidate.mock.calls).toEqual([[{ refetchType: "active" }]]);
  });

  it("read figures again at once, and on a busy desk every 15 seconds", () => {
    const { tell, figures } = listen();
    tell({ topic: "jobs" });
    vi.advanceTimersByTime(20_000);
    expect(figures()).toHaveLength(0);
    const read: number[] = [];
    for (let second = 0; second < 60; second += 1) {
      tell({ topic: second % 2 ? "contacts" : "deposits", staff_id: "s-1" });
      vi.advanceTimersByTime(1_000);
      read.push(figures().length);
    }
    expect(read[0]).toBe(1);
    expect(read[14]).toBe(1);
    expect(read[15]).toBe(2);
    expect(read.at(-1)).toBe(4);
  });

  it("read a busy desk once a second", () => {
    const { tell, keys } = listen();
    for (let i = 0; i < 40; i += 1) {
      tell({ topic: "jobs" });
      vi.advanceTimersByTime(100);
    }
    expect(keys()).toHaveLength(4);
  });

  it("leave a page in the background to when somebody comes back", () => {
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    const { tell, read, invalidate } = listen();
    tell({ topic: "jobs" });
    vi.advanceTimersByTime(500);
    expect(read()).toEqual([]);
    expect(invalidate).toHaveBeenCalledWith({ queryKey: ["jobs"], refetchType: "none" });
    hidden.mockRestore();
  });

  it("leave what is unknown alone", () => {
    const { tell, keys } = listen();
    tell({ topic: "something else" });
    tell("no object");
    vi.advanceTimersByTime(1000);
    expect(keys()).toEqual([]);
  });

  it("end with the frame, also what is still waiting", () => {
    const { tell, keys, stop, close } = listen();
    tell({ topic: "databases" });
    stop();
    vi.advanceTimersByTime(1000);
    expect(keys()).toEqual([]);
    expect(close).toHaveBeenCalled();
  });

  it("survive what is no JSON", () => {
    expect(newsOf("{")).toBeNull();
    expect(newsOf('{"topic":"records"}')?.topic).toBe("records");
  });
});
