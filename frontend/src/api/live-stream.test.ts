import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hearStream, RESYNC, SESSION } from "./live-stream";

class Source {
  onmessage: ((event: { data: string; lastEventId: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readyState = 1;
  close = vi.fn();
  constructor(readonly url: string) {}
}

/** A lock that one holder has at a time, in the order of asking. */
function locks() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    request: (_name: string, _options: object, work: () => Promise<void>) => {
      last = last.then(work);
      return last;
    },
  };
}

const sources: Source[] = [];
const open = (url: string) => {
  const source = new Source(url);
  sources.push(source);
  return source as unknown as EventSource;
};
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  sources.length = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the stream of a browser", () => {
  it("is one for all tabs, and the next tab takes over where the first one was", async () => {
    vi.stubGlobal("navigator", { locks: locks() });
    const channels: { onmessage?: (event: object) => void }[] = [];
    vi.stubGlobal(
      "BroadcastChannel",
      class {
        onmessage?: (event: object) => void;
        constructor() {
          channels.push(this);
        }
        postMessage(data: object) {
          for (const other of channels) if (other !== this) other.onmessage?.({ data });
        }
        close() {}
      },
    );
    const [first, second] = [vi.fn(), vi.fn()];
    const stop = hearStream("live", first, open);
    hearStream("live", second, open);
    await settled();
    expect(sources.map(({ url }) => url)).toEqual(["/api/stream"]);

    sources[0]?.onmessage?.({ data: "news", lastEventId: "0.7" });
    expect(first).toHaveBeenCalledWith("news");
    expect(second).toHaveBeenCalledWith("news");

    stop();
    await settled();
    expect(sources[0]?.close).toHaveBeenCalled();
    expect(sources[1]?.url).toBe("/api/stream?after=0.7");
    expect(second).toHaveBeenCalledTimes(1);
  });

  it("that was refused is opened anew, and asks whether the session is over", async () => {
    vi.stubGlobal("navigator", {});
    const hear = vi.fn();
    hearStream("live", hear, open);
    const [source] = sources;
    source?.onerror?.();
    await vi.advanceTimersByTimeAsync(10_000);
    // The browser itself comes back as long as it has not given up.
    expect(sources).toHaveLength(1);

    if (source) source.readyState = 2;
    source?.onerror?.();
    expect(hear).toHaveBeenCalledWith(SESSION);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sources).toHaveLength(2);
    // It never heard where it was.
    expect(hear).toHaveBeenLastCalledWith(RESYNC);
  });

  it("ends while it waits to be opened anew", async () => {
    vi.stubGlobal("navigator", {});
    const stop = hearStream("live", vi.fn(), open);
    if (sources[0]) sources[0].readyState = 2;
    sources[0]?.onerror?.();
    stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sources).toHaveLength(1);
  });
});
