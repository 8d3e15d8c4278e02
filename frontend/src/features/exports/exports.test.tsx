import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { SessionUser } from "@/api/session";
import { STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { server } from "@/test/server";
import { ExportButton } from "./export-button";
import { ExportsPage } from "./exports-page";
import { exportsSearchSchema } from "./search";
import type { Export } from "./types";

const ANA: SessionUser = { ...STAFF_USER, permissions: [...STAFF_USER.permissions, "exports.make"] };
const ADMIN: SessionUser = { ...ANA, id: "u-9", permissions: [...ANA.permissions, "exports.oversee"] };

const item = (id: string, patch: Partial<Export> = {}): Export => ({
  id,
  kind: "omset",
  format: "xlsx",
  language: "en",
  filters: {},
  state: "done",
  rows_done: 1234,
  rows_total: 1234,
  size_bytes: 20_480,
  created_by: "s-1",
  created_by_name: "Ana",
  created_at: "2026-01-05T03:00:00Z",
  expires_at: "2026-01-07T03:00:00Z",
  is_own: true,
  ...patch,
});

const sent: { path: string; body: unknown; key: string | null }[] = [];

beforeEach(() => {
  sent.length = 0;
  server.use(
    http.post("/api/exports/preview", () => HttpResponse.json({ rows: 1234 })),
    http.post("/api/exports/:id/:command", ({ request }) => {
      sent.push({ path: new URL(request.url).pathname, body: null, key: null });
      return HttpResponse.json({ url: "#file", expires_at: "2026-01-05T03:05:00Z", ...item("e-1") });
    }),
  );
});

const show = (me: SessionUser, items: Export[]) => {
  server.use(
    http.get("/api/exports", () =>
      HttpResponse.json(items, { headers: { "X-Total-Count": String(items.length) } }),
    ),
  );
  return renderPage(() => <ExportsPage />, { me, validateSearch: exportsSearchSchema });
};

describe("the list of exports", () => {
  it("offers what can be done with each: fetch, cancel, make again", async () => {
    const { user } = await show(ANA, [
      item("e-1"),
      item("e-2", { kind: "requests", state: "running", rows_done: 10, rows_total: 40 }),
      item("e-3", { kind: "conflict-log", state: "interrupted" }),
      item("e-4", {
        kind: "bonanza",
        state: "failed",
        error_code: "access_limited",
        error_message: "Limited",
      }),
    ]);
    await user.click(await screen.findByRole("button", { name: "Download: Deposits (Excel)" }));
    await user.click(screen.getByRole("button", { name: "Cancel: Requests (Excel)" }));
    await user.click(screen.getByRole("button", { name: "Make again: Conflict log (Excel)" }));
    await waitFor(() =>
      expect(sent.map(({ path }) => path).sort()).toEqual([
        "/api/exports/e-1/link",
        "/api/exports/e-2/cancel",
        "/api/exports/e-3/restart",
      ]),
    );
    expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "25");
    expect(screen.getByText(/as many customers as is allowed/)).toBeVisible();
    expect(screen.queryByRole("columnheader", { name: "By" })).toBeNull();
  });

  it("shows who oversees whose they are, and offers no file of somebody else", async () => {
    await show(ADMIN, [item("e-1", { is_own: false }), item("e-2", { is_own: false, state: "queued" })]);
    expect(await screen.findByRole("columnheader", { name: "By" })).toBeVisible();
    expect(await screen.findByRole("button", { name: /^Cancel/ })).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Download/ })).toBeNull();
  });
});

describe("the button above a list", () => {
  const button = () => (
    <ExportButton
      kind="omset"
      filters={{ product_id: "p-1", staff_id: undefined, q: "" }}
      fixed={{ status: "all" }}
    />
  );

  it("says how much it is, orders it with the filters, and leads to the file", async () => {
    let state: Export["state"] = "queued";
    server.use(
      http.post("/api/exports", async ({ request }) => {
        sent.push({ path: "", body: await request.json(), key: request.headers.get("Idempotency-Key") });
        return HttpResponse.json(item("e-1", { state: "queued" }), { status: 202 });
      }),
      http.get("/api/exports/e-1", () => HttpResponse.json(item("e-1", { state }))),
    );
    const { user, queryClient } = await renderPage(button, { me: ANA });
    await user.click(await screen.findByRole("button", { name: "Export" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText("1,234")).toBeVisible();
    expect(within(dialog).getByText(/with 1 filter,/)).toBeVisible();
    await user.click(within(dialog).getByRole("radio", { name: /CSV/ }));
    await user.click(within(dialog).getByRole("button", { name: "Make the file" }));
    expect(await screen.findByRole("progressbar")).toBeVisible();
    expect(sent[0]?.body).toEqual({
      kind: "omset",
      format: "csv",
      language: "en",
      filters: { product_id: "p-1", status: "all" },
    });
    expect(sent[0]?.key).toBeTruthy();
    state = "done";
    await queryClient.invalidateQueries({ queryKey: ["exports"] });
    await user.click(await screen.findByRole("button", { name: "Download" }));
    await waitFor(() => expect(sent.at(-1)?.path).toBe("/api/exports/e-1/link"));
  });

  it("says why it is refused", async () => {
    server.use(
      http.post("/api/exports", () =>
        HttpResponse.json(
          {
            type: "about:blank",
            title: "x",
            status: 409,
            code: "too_many_exports",
            detail: "no",
            limit: 5,
          },
          { status: 409, headers: { "Content-Type": "application/problem+json" } },
        ),
      ),
    );
    const { user } = await renderPage(button, { me: ANA });
    await user.click(await screen.findByRole("button", { name: "Export" }));
    await user.click(await screen.findByRole("button", { name: "Make the file" }));
    expect(await screen.findByText(/as can be: 5\./)).toBeVisible();
  });

  it("is not there for who may not export", async () => {
    await renderPage(button, { me: { ...ANA, blocked_pages: ["exports"] } });
    await waitFor(() => expect(screen.queryByRole("button", { name: "Export" })).toBeNull());
  });
});
