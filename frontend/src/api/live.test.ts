import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followLive, topicOf } from "./live";

type Fake = { onmessage: ((event: { data: string }) => void) | null; close: () => void };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function listen() {
  const client = new QueryClient();
  const invalidate = vi.spyOn(client, "invalidateQueries").mockResolvedValue();
  const source: Fake = { onmessage: null, close: vi.fn() };
  const stop = followLive(client, () => source as unknown as EventSource);
  const tell = (data: unknown) => source.onmessage?.({ data: JSON.stringify(data) });
  const keys = () => invalidate.mock.calls.map(([filters]) => filters?.queryKey?.[0]);
  return { source, stop, tell, keys, invalidate };
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

  it("of marks make lists old, and read only counts again", () => {
    const { tell, invalidate } = listen();
    tell({ topic: "contacts", staff_id: "s-1" });
    vi.advanceTimersByTime(500);
    const read = invalidate.mock.calls.filter(([filters]) => filters?.refetchType !== "none");
    expect(read.map(([filters]) => filters?.queryKey)).toEqual([
      ["customers", "groups"],
      ["customers", "timeline"],
      ["validation"],
    ]);
    const old = invalidate.mock.calls.filter(([filters]) => filters?.refetchType === "none");
    expect(old.map(([filters]) => filters?.queryKey)).toEqual([["customers"], ["pools"]]);
  });

  it("leave what is unknown alone", () => {
    const { tell, keys } = listen();
    tell({ topic: "something else" });
    tell("no object");
    vi.advanceTimersByTime(1000);
    expect(keys()).toEqual([]);
  });

  it("end with the frame, also what is still waiting", () => {
    const { tell, keys, stop, source } = listen();
    tell({ topic: "databases" });
    stop();
    vi.advanceTimersByTime(1000);
    expect(keys()).toEqual([]);
    expect(source.close).toHaveBeenCalled();
  });

  it("survive what is no JSON", () => {
    expect(topicOf("{")).toBeNull();
    expect(topicOf('{"topic":"records"}')).toBe("records");
  });
});
