import { HttpResponse, http } from "msw";
import { describe, expect, it, vi } from "vitest";
import { problem, server } from "@/test/server";
import { buildUrl, get, getPage, nextCursor, send, setCsrfToken, setUnauthorizedHandler } from "./client";
import { isProblem, parseProblem } from "./problem";

async function failure(run: Promise<unknown>) {
  const error = await run.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isProblem(error)) throw new Error("expected a Problem");
  return error;
}

describe("buildUrl", () => {
  it("leaves out what is not set and repeats lists", () => {
    expect(buildUrl("/api/x", { q: "a b", none: undefined, empty: "", zero: 0, ids: ["1", "2"] })).toBe(
      "/api/x?q=a+b&zero=0&ids=1&ids=2",
    );
    expect(buildUrl("/api/x", {})).toBe("/api/x");
  });
});

describe("nextCursor", () => {
  it.each([
    ['</api/users?limit=50&cursor=abc%3D>; rel="next"', "abc="],
    ['</a?cursor=1>; rel="prev", </a?cursor=2>; rel="next"', "2"],
    ['</a?cursor=1>; rel="prev"', null],
    [null, null],
  ])("%s -> %s", (link, cursor) => {
    expect(nextCursor(link)).toBe(cursor);
  });
});

describe("getPage", () => {
  it("reads rows, total and the next cursor", async () => {
    server.use(
      http.get("/api/rows", () =>
        HttpResponse.json([{ id: "a" }], {
          headers: { "X-Total-Count": "7", Link: '</api/rows?cursor=zz>; rel="next"' },
        }),
      ),
    );
    expect(await getPage("/api/rows")).toEqual({ items: [{ id: "a" }], total: 7, nextCursor: "zz" });
  });

  it("does not invent a total that the server did not count", async () => {
    server.use(http.get("/api/rows", () => HttpResponse.json([])));
    expect(await getPage("/api/rows")).toEqual({ items: [], total: null, nextCursor: null });
  });
});

describe("send", () => {
  it("carries the CSRF token and the idempotency key", async () => {
    let seen: Headers | undefined;
    server.use(
      http.post("/api/rows", ({ request }) => {
        seen = request.headers;
        return HttpResponse.json({ ok: true });
      }),
    );
    setCsrfToken("csrf-1");
    await send("POST", "/api/rows", { a: 1 }, { idempotencyKey: "key-1" });
    expect(seen?.get("X-CSRF-Token")).toBe("csrf-1");
    expect(seen?.get("Idempotency-Key")).toBe("key-1");
    expect(seen?.get("Content-Type")).toBe("application/json");
  });

  it("takes an empty answer", async () => {
    server.use(http.delete("/api/rows/1", () => new HttpResponse(null, { status: 204 })));
    expect(await send("DELETE", "/api/rows/1")).toBeUndefined();
  });
});

describe("refusals", () => {
  it("become a Problem with fields, extras and request id", async () => {
    server.use(
      http.post("/api/rows", () =>
        problem(422, {
          code: "invalid_input",
          detail: "name: too long",
          errors: [{ field: "name", message: "too long" }],
          eligible: 3,
        }),
      ),
    );
    const error = await failure(send("POST", "/api/rows", {}));
    expect(error).toMatchObject({
      status: 422,
      code: "invalid_input",
      detail: "name: too long",
      errors: [{ field: "name", message: "too long" }],
      requestId: "req-1",
      extras: { eligible: 3 },
    });
  });

  it("keep Retry-After", async () => {
    server.use(
      http.get("/api/rows", () => problem(429, { code: "too_many_requests" }, { "Retry-After": "30" })),
    );
    expect((await failure(get("/api/rows"))).retryAfter).toBe(30);
  });

  it("survive a body that is no problem document", () => {
    const error = parseProblem(502, "<html>Bad gateway</html>", new Headers());
    expect(error).toMatchObject({ status: 502, code: "http_502", errors: [], detail: "" });
  });

  it("say so when the server cannot be reached", async () => {
    server.use(http.get("/api/rows", () => HttpResponse.error()));
    expect((await failure(get("/api/rows"))).isNetwork).toBe(true);
  });

  it("of a lost session are reported once each, those of a wrong password are not", async () => {
    const lost = vi.fn();
    setUnauthorizedHandler(lost);
    server.use(
      http.get("/api/rows", () => problem(401, { code: "unauthenticated" })),
      http.post("/api/auth/login", () => problem(401, { code: "wrong_credentials" })),
    );
    await failure(send("POST", "/api/auth/login", {}));
    expect(lost).not.toHaveBeenCalled();
    await failure(get("/api/rows"));
    expect(lost).toHaveBeenCalledTimes(1);
  });
});
