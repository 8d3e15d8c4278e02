import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";

/** The server of a test: only what every page asks for; a test adds its own with `server.use(…)`. */
export const server = setupServer(
  http.get("/api/server-time", () =>
    HttpResponse.json({ now: "2025-03-01T02:00:00+00:00", today: "2025-03-01", zone: "Asia/Jakarta" }),
  ),
  http.get("/api/setup", () => HttpResponse.json({ needs_setup: false, password_min_length: 10 })),
);

/** A refusal as the API gives it (spec 1.6). */
export function problem(status: number, body: Record<string, unknown>, headers: Record<string, string> = {}) {
  return HttpResponse.json(
    {
      type: "about:blank",
      title: "Refused",
      status,
      detail: "",
      code: "refused",
      request_id: "req-1",
      ...body,
    },
    { status, headers: { "Content-Type": "application/problem+json", ...headers } },
  );
}

/** A list answer with its paging headers. */
export function listed(rows: unknown[], options: { total?: number; next?: string } = {}) {
  const headers: Record<string, string> = { "X-Total-Count": String(options.total ?? rows.length) };
  if (options.next) headers.Link = `</api/list?limit=50&cursor=${options.next}>; rel="next"`;
  return HttpResponse.json(rows as never, { headers });
}
