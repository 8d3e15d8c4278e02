import { afterEach, describe, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { ForbiddenError } from "@/components/layout";
import { errorReporter, reportOf, watchErrors } from "./report-errors";

function sent() {
  const fetched = vi.fn((_path: string, _init: RequestInit) =>
    Promise.resolve(new Response(null, { status: 204 })),
  );
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("reportOf", () => {
  it("tells the kind, what it says, where it happened and the route's template", () => {
    const error = new TypeError("x is undefined");
    error.stack = "TypeError: x is undefined\n    at open (https://desk.test/assets/a.js:1:2)";
    expect(reportOf(error, "/_app/users")).toEqual({
      kind: "TypeError",
      message: "x is undefined",
      stack: error.stack,
      page: "/_app/users",
    });
  });

  it("leaves out what is no fault of the web app", () => {
    const refused = new Problem({ status: 409, code: "taken" });
    const away = new DOMException("gone", "AbortError");
    const frame = new Error("ResizeObserver loop completed with undelivered notifications.");
    expect([refused, new ForbiddenError(), away, frame, "text", null].map((e) => reportOf(e, "/"))).toEqual(
      Array(6).fill(null),
    );
  });

  it("stays within what the server takes", () => {
    const error = Object.assign(new Error("m".repeat(900)), { name: "odd name!", stack: "s".repeat(9000) });
    const report = reportOf(error, "/customers?q=Budi");
    expect([report?.kind, report?.message.length, report?.stack?.length, report?.page]).toEqual([
      "Error",
      500,
      8000,
      "/",
    ]);
  });
});

describe("errorReporter", () => {
  it("reports each error once, and ten at most", () => {
    const fetched = sent();
    const report = errorReporter(
      () => true,
      () => "/_app/users",
    );
    report(new Error("again"));
    report(new Error("again"));
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(fetched.mock.calls[0]?.[0]).toBe("/api/client-errors");
    for (let number = 0; number < 20; number++) report(new Error(`error ${number}`));
    expect(fetched).toHaveBeenCalledTimes(10);
  });

  it("reports nothing before anybody is signed in", () => {
    const fetched = sent();
    errorReporter(
      () => false,
      () => "/sign-in",
    )(new Error("early"));
    expect(fetched).not.toHaveBeenCalled();
  });
});

it("hears of what nobody has caught", () => {
  const report = vi.fn();
  watchErrors(report);
  const error = new Error("lost");
  window.dispatchEvent(new ErrorEvent("error", { error }));
  window.dispatchEvent(Object.assign(new Event("unhandledrejection"), { reason: "why" }));
  expect(report.mock.calls).toEqual([[error], ["why"]]);
});
