/** Where the stream is open elsewhere: in another tab of this browser. */
type Heard = { data: string; id: string };

/** How long to wait before a stream that the browser has given up is opened anew. */
const REOPEN_MS = 4_000;

/** A tab that gets its turn later than this may have missed something that nobody told it. */
const FRESH_MS = 1_000;

const CLOSED = 2;

/** What a tab is told that may have missed something, and one that may no longer be signed in. */
export const RESYNC = '{"topic":"resync"}';
export const SESSION = '{"topic":"session"}';

export type OpenStream = (url: string) => EventSource;

/**
 * Hears the event stream of the server and returns how to stop. All tabs of a browser share one connection, because a
 * browser opens only six to one server: the tab that holds the lock has it and tells the others, the next one takes over
 * when it is closed. Where there are no locks (plain http to another machine) each tab has its own.
 */
export function hearStream(name: string, hear: (data: string) => void, open: OpenStream): () => void {
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(name);
  const stopped = new AbortController();
  let last = "";
  const heard = ({ data, id }: Heard) => {
    last = id;
    hear(data);
  };
  if (channel) channel.onmessage = (event: MessageEvent<Heard>) => heard(event.data);

  const since = Date.now();
  const connect = (): void => {
    let timer: number | undefined;
    // The browser comes back by itself and says where it was; only a page that opens anew has to say so.
    const source = open(last ? `/api/stream?after=${encodeURIComponent(last)}` : "/api/stream");
    if (!last && Date.now() - since > FRESH_MS) hear(RESYNC);
    source.onmessage = (event: MessageEvent<string>) => {
      const news = { data: event.data, id: event.lastEventId };
      heard(news);
      channel?.postMessage(news);
    };
    source.onerror = () => {
      if (source.readyState !== CLOSED || timer !== undefined) return;
      // Refused: by something in between while the server restarts, or because the session is over.
      hear(SESSION);
      timer = window.setTimeout(connect, REOPEN_MS);
    };
    stopped.signal.addEventListener("abort", () => {
      window.clearTimeout(timer);
      // What had arrived already may not be passed on any more: the channel is closed.
      source.onmessage = null;
      source.onerror = null;
      source.close();
    });
  };

  if (channel && navigator.locks) {
    navigator.locks
      .request(name, { signal: stopped.signal }, () => {
        connect();
        return new Promise<void>((resolve) => stopped.signal.addEventListener("abort", () => resolve()));
      })
      // Stopped before it was this tab's turn.
      .catch(() => undefined);
  } else {
    connect();
  }

  return () => {
    stopped.abort();
    channel?.close();
  };
}
