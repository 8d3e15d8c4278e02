import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { Problem } from "@/api/problem";
import { DESK, STAFF_CHOICES, STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { RequestSheet } from "./request-sheet";
import { RequestsPage } from "./requests-page";
import { ReviewResult } from "./review-result";
import { requestsSearchSchema } from "./search";
import type { RecordRequest, Requestable } from "./types";

const request = (id: string, patch: Partial<RecordRequest> = {}): RecordRequest => ({
  id,
  module: "normal",
  database_id: "d-1",
  database_name: "June leads",
  product_id: "p-1",
  product_name: "Product A",
  record_count: 20,
  status: "pending",
  requested_by: "s-1",
  requested_by_name: "Ana",
  requested_at: "2025-03-01T01:00:00+00:00",
  expires_at: new Date(Date.now() + 90 * 60_000).toISOString(),
  auto_approved: false,
  skipped_reserved_count: 0,
  assigned_count: 0,
  ...patch,
});

const STATS = {
  pending: 2,
  approved: 40,
  rejected: 1,
  cancelled: 0,
  expired: 0,
  total: 43,
  today_requested: 228,
  today_assigned: 37,
  held_records: 171,
};

const REQUESTABLE: Requestable[] = [
  {
    id: "d-1",
    name: "June leads",
    product_id: "p-1",
    product_name: "Product A",
    available_count: 1000,
    is_auto_approved: false,
  },
  {
    id: "d-2",
    name: "Web sign-ups",
    product_id: "p-2",
    product_name: "Product B",
    available_count: 12,
    is_auto_approved: true,
  },
];

let asked: URLSearchParams[] = [];

const show = (url = "/requests", me = DESK) =>
  renderPage(() => <RequestsPage />, { url, me, validateSearch: requestsSearchSchema });

beforeEach(() => {
  asked = [];
  server.use(
    http.get("/api/staff-users", () => listed(STAFF_CHOICES)),
    http.get("/api/download-requests/stats", () => HttpResponse.json(STATS)),
    http.get("/api/download-requests", ({ request: { url } }) => {
      asked.push(new URL(url).searchParams);
      return listed([
        request("q-1"),
        request("q-2", { requested_by: "s-2", requested_by_name: "Budi", record_count: 15 }),
      ]);
    }),
    http.get("/api/my/requestable-databases", () => HttpResponse.json(REQUESTABLE)),
  );
});

describe("asking for records", () => {
  const sheet = (databaseId?: string) =>
    renderPage(() => <RequestSheet open onClose={() => {}} databaseId={databaseId} />, { me: STAFF_USER });

  it("says whether they come at once or somebody decides", async () => {
    const { user } = await sheet();
    await user.click(await screen.findByRole("radio", { name: /June leads/ }));
    expect(screen.getByText(/An admin decides/)).toBeVisible();
    await user.click(screen.getByRole("radio", { name: /Web sign-ups/ }));
    expect(screen.getByText(/Approved at once/)).toBeVisible();
    expect(screen.getByText("Only 12 are available now.")).toBeVisible();
  });

  it("sends database and number once, with a key", async () => {
    const sent: { body: unknown; key: string | null }[] = [];
    server.use(
      http.post("/api/download-requests", async ({ request: incoming }) => {
        sent.push({ body: await incoming.json(), key: incoming.headers.get("Idempotency-Key") });
        return HttpResponse.json(request("q-9"), { status: 201 });
      }),
    );
    const { user } = await sheet("d-1");
    await screen.findByRole("radio", { name: /June leads/, checked: true });
    await user.clear(screen.getByLabelText("How many"));
    await user.type(screen.getByLabelText("How many"), "30");
    await user.click(screen.getByRole("button", { name: "Request 30 records" }));
    expect(await screen.findByText("20 records requested; an admin decides")).toBeInTheDocument();
    expect(sent).toEqual([
      { body: { database_id: "d-1", record_count: 30 }, key: expect.stringMatching(/.{8,}/) },
    ]);
  });

  it("names what is missing, and shows a refusal", async () => {
    server.use(
      http.post("/api/download-requests", () =>
        problem(409, { code: "not_enough_eligible", eligible_count: 7 }),
      ),
    );
    const { user } = await sheet();
    await screen.findByRole("radio", { name: /June leads/ });
    await user.click(screen.getByRole("button", { name: /^Request 20/ }));
    expect(screen.getByText("Choose a database.")).toBeVisible();
    await user.click(screen.getByRole("radio", { name: /June leads/ }));
    await user.click(screen.getByRole("button", { name: /^Request 20/ }));
    expect(await screen.findByText("Only 7 records can be assigned now.")).toBeVisible();
  });
});

describe("one's own requests", () => {
  it("are all shown; a waiting one can be taken back", async () => {
    let cancelled = "";
    server.use(
      http.patch("/api/download-requests/:id/cancel", ({ params }) => {
        cancelled = String(params.id);
        return HttpResponse.json(request("q-1", { status: "cancelled" }));
      }),
    );
    const { user } = await show("/requests", STAFF_USER);
    await screen.findAllByText("June leads");
    const row = within(screen.getAllByRole("row")[1] as HTMLElement);
    expect(asked[0]?.get("status")).toBeNull();
    expect(row.getByText(/^1 h (29|30) min left$/)).toBeVisible();
    await user.click(row.getByRole("button", { name: "Cancel the request of June leads" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    expect(dialog.getByText("20 records of June leads are no longer held for you.")).toBeVisible();
    await user.click(dialog.getByRole("button", { name: "Cancel request" }));
    expect(await screen.findByText("Request cancelled")).toBeInTheDocument();
    expect(cancelled).toBe("q-1");
    expect(screen.queryByRole("checkbox")).toBeNull();
  });

  it("an approved one leads to its batch", async () => {
    server.use(
      http.get("/api/download-requests/q-1", () =>
        HttpResponse.json({
          ...request("q-1", { status: "approved", assigned_count: 18, batch_id: "b-7" }),
          events: [{ at: "2025-03-01T01:00:00+00:00", actor_name: "Ana", to_status: "pending" }],
        }),
      ),
    );
    await show("/requests?open=q-1", STAFF_USER);
    const sheet = within(await screen.findByRole("dialog", { name: "June leads" }));
    expect(sheet.getByText("18 of 20")).toBeVisible();
    expect(sheet.getByRole("link", { name: "Open batch" })).toHaveAttribute(
      "href",
      "/customers?group=batch%3Ab-7",
    );
  });
});

describe("reviewing", () => {
  it("starts with what waits, counts every status, and keeps its filters in the URL", async () => {
    const { user, router } = await show("/requests?database_id=d-1");
    await screen.findByText("Budi");
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({ status: "pending", database_id: "d-1" });
    expect(await screen.findByRole("tab", { name: "Approved 40" })).toBeVisible();
    expect(await screen.findByText("171")).toBeVisible();
    await user.selectOptions(screen.getByLabelText("Staff"), "s-2");
    await waitFor(() => expect(asked.at(-1)?.get("staff_id")).toBe("s-2"));
    await user.click(screen.getByRole("tab", { name: "All 43" }));
    await waitFor(() =>
      expect(router.state.location.search).toEqual({ tab: "all", staff_id: "s-2", database_id: "d-1" }),
    );
  });

  it("rejects with a reason", async () => {
    let sent: unknown;
    server.use(
      http.post("/api/bulk/requests", async ({ request: incoming }) => {
        sent = await incoming.json();
        return HttpResponse.json({
          success_count: 1,
          failed_count: 0,
          results: [{ id: "q-2", status: "rejected" }],
        });
      }),
    );
    const { user } = await show();
    await user.click(await screen.findByRole("button", { name: "Reject Budi, June leads" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    await user.type(dialog.getByLabelText(/Reason/), "Later, please.");
    await user.click(dialog.getByRole("button", { name: "Reject request" }));
    expect(await screen.findByText("1 request rejected")).toBeInTheDocument();
    expect(sent).toEqual({ request_ids: ["q-2"], action: "reject", reason: "Later, please." });
  });

  it("decides many at once and says of each that could not be decided why", async () => {
    server.use(
      http.post("/api/bulk/requests", () =>
        HttpResponse.json({
          success_count: 1,
          failed_count: 1,
          results: [
            { id: "q-1", status: "approved" },
            { id: "q-2", status: "cancelled", error: "The request has moved on." },
          ],
        }),
      ),
    );
    const { user } = await show();
    await screen.findByText("Budi");
    await user.click(screen.getByRole("checkbox", { name: "Select all rows of this page" }));
    const bar = within(screen.getByRole("region", { name: "Selected rows" }));
    await user.click(bar.getByRole("button", { name: "Approve" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    expect(dialog.getByText("35 records go to 2 staff who asked.")).toBeVisible();
    await user.click(dialog.getByRole("button", { name: "Approve 2 requests" }));
    const result = within(await screen.findByRole("dialog", { name: "Not all could be decided" }));
    expect(result.getByText(/Budi · June leads/)).toBeVisible();
    expect(result.getByText("It was cancelled meanwhile.")).toBeVisible();
    expect(result.queryByText(/Ana/)).toBeNull();
  });

  it("says how many of them no answer came for, and why", async () => {
    const result = {
      success_count: 1,
      failed_count: 0,
      results: [{ id: "q-1", status: "approved" }],
      left: { ids: ["q-2", "q-3"], error: new Problem({ status: 429, code: "busy", detail: "Too fast." }) },
    };
    const requests = ["q-1", "q-2", "q-3"].map((id) => request(id));
    await renderPage(() => (
      <ReviewResult action="approve" result={result} requests={requests} onClose={() => {}} />
    ));
    expect(await screen.findByText("1 of 3 requests were approved. The others:")).toBeVisible();
    expect(screen.getByRole("alert")).toHaveTextContent("2 were not decided. Too fast.");
  });
});
