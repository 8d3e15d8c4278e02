import { send } from "@/api/client";
import { isProblem } from "@/api/problem";
import type { Schemas } from "@/api/schema";
import { ForbiddenError } from "@/components/layout";

const MOST = 10;
/** Browsers say so when an observer needs another frame; nothing is wrong. */
const HARMLESS = /^ResizeObserver loop/;

/** What of an error is told to the server, which takes out whatever could be quoted data; null: it is no fault of ours. */
export function reportOf(error: unknown, page: string): Schemas["BrowserErrorIn"] | null {
  if (!(error instanceof Error) || isProblem(error) || error instanceof ForbiddenError) return null;
  if (error.name === "AbortError" || HARMLESS.test(error.message)) return null;
  return {
    kind: /^[A-Za-z][A-Za-z0-9_.]{0,79}$/.test(error.name) ? error.name : "Error",
    message: error.message.slice(0, 500),
    stack: (error.stack ?? "").slice(0, 8000),
    page: /^\/[A-Za-z0-9/_.$-]{0,159}$/.test(page) ? page : "/",
  };
}

/** Returns what reports an error: each once, and a few of one visit. `page` is the template of the route that is open. */
export function errorReporter(isSignedIn: () => boolean, page: () => string): (error: unknown) => void {
  const told = new Set<string>();
  return (error) => {
    const report = reportOf(error, page());
    if (!report || !isSignedIn() || told.size >= MOST) return;
    const key = `${report.kind} ${report.message} ${report.page}`;
    if (told.has(key)) return;
    told.add(key);
    // Whoever cannot be told is not told that either: it would be the next error.
    send("POST", "/api/client-errors", report, { keepalive: true }).catch(() => undefined);
  };
}

/** Reports what nobody has caught. */
export function watchErrors(report: (error: unknown) => void): void {
  window.addEventListener("error", (event) => report(event.error));
  window.addEventListener("unhandledrejection", (event) => report(event.reason));
}
