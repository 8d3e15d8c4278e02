import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { MASTER, renderPage } from "@/test/render";
import { problem, server } from "@/test/server";
import type { Notification } from "./api";
import { InboxPage } from "./inbox-page";
import { MuteSettings } from "./mute-settings";
import { inboxSearchSchema } from "./search";

const news = (id: string, patch: Partial<Notification> = {}): Notification => ({
  id,
  type: "records_assigned",
  user_id: "u-1",
  data: { count: 50, module: "memberwd", by: "Mira" },
  created_at: "2025-03-01T01:00:00+00:00",
  read_at: null,
  ...patch,
});

const show = () => renderPage(() => <InboxPage />, { me: MASTER, validateSearch: inboxSearchSchema });

describe("inbox", () => {
  it("makes sentences of type and data, and has words for a type it does not know", async () => {
    server.use(
      http.get("/api/notifications", () =>
        HttpResponse.json({
          notifications: [news("n1"), news("n2", { type: "from_the_future" })],
          unread: 2,
        }),
      ),
    );
    await show();
    expect(await screen.findByRole("link", { name: "50 records for you" })).toHaveAttribute(
      "href",
      "/customers",
    );
    expect(screen.getByText("Member WD · dealt by Mira")).toBeVisible();
    expect(screen.getByText("Something changed.")).toBeVisible();
  });

  it("each opens what it is about, with what somebody wrote", async () => {
    const types: Partial<Notification>[] = [
      {
        type: "request_waiting",
        data: { request_id: "q-1", count: 20, staff_name: "Ana", database_name: "June" },
      },
      {
        type: "request_approved",
        data: { request_id: "q-2", count: 20, database_name: "June", batch_id: "b-1" },
      },
      {
        type: "request_rejected",
        data: { request_id: "q-3", count: 1, database_name: "June", reason: "Later" },
      },
      { type: "request_expired", data: { request_id: "q-4", count: 2, database_name: "June" } },
      { type: "invalid_records", data: { module: "bonanza", staff_id: "s-1", staff_name: "Ana", count: 3 } },
      {
        type: "records_returned",
        data: { module: "memberwd", count: 2, batch_id: "b-2", note: "Try again" },
      },
      {
        type: "access_alert",
        data: { staff_id: "s-1", staff_name: "Ana", kind: "open", count: 1200, usual: 40 },
      },
      {
        type: "reservation_waiting",
        data: { reservation_id: "v-1", staff_name: "Ana", customer_id: "andi88", product_name: "Product A" },
      },
      {
        type: "reservation_expired",
        data: { reservation_id: "v-2", customer_id: "budi9", by: "System", reason: "no_deposit" },
      },
      { type: "reservation_moved_away", data: { customer_id: "cici7", by: "Mira" } },
      { type: "reservation_conflict", data: { customer_id: "dodi6", count: 2 } },
    ];
    server.use(
      http.get("/api/notifications", () =>
        HttpResponse.json({
          notifications: types.map((patch, index) => news(`n${index}`, patch)),
          unread: types.length,
        }),
      ),
    );
    await show();
    const links: [string, string][] = [
      ["Ana requests 20 records", "/requests?open=q-1"],
      ["Your request was approved: 20 records", "/customers?group=batch%3Ab-1"],
      ["Your request for 1 record was rejected", "/requests?open=q-3"],
      ["Your request for 2 records has expired", "/requests?open=q-4"],
      ["Ana rejected 3 records", "/validation?group=bonanza%3As-1"],
      ["2 records came back to you", "/customers?group=batch%3Ab-2"],
      ["Ana asks for a customer", "/reserved?open=v-1"],
      ["Your reservation of budi9 has expired", "/reserved?open=v-2"],
      ["cici7 belongs to somebody else now", "/reserved"],
      ["2 records of yours are reserved by somebody else", "/customers"],
      ["Ana looks at unusually many customers", "/admin/users?open=s-1"],
    ];
    for (const [name, href] of links) {
      expect(await screen.findByRole("link", { name })).toHaveAttribute("href", href);
    }
    expect(screen.getByText(/“Later”/)).toBeVisible();
    expect(screen.getByText(/“Try again”/)).toBeVisible();
    expect(screen.getByText(/“Never a deposit within the days of grace”/)).toBeVisible();
    expect(screen.getByText("1,200 customers opened today · usual in the team: 40")).toBeVisible();
  });

  it("marks one as read at once, and takes it back when refused", async () => {
    let sent: unknown;
    let release = (_: Response) => {};
    server.use(
      http.get("/api/notifications", () =>
        HttpResponse.json({ notifications: [news("n1"), news("n2")], unread: 2 }),
      ),
      http.post("/api/notifications/read", async ({ request }) => {
        sent = await request.json();
        return new Promise<Response>((resolve) => (release = resolve)) as never;
      }),
    );
    const { user } = await show();
    await screen.findByText("2 unread");
    const first = within(screen.getByRole("list", { name: "Inbox" })).getAllByRole(
      "listitem",
    )[0] as HTMLElement;
    await user.click(within(first).getByRole("button", { name: "Mark as read" }));
    expect(await screen.findByText("1 unread")).toBeVisible();
    expect(sent).toEqual({ ids: ["n1"] });
    release(problem(503, { code: "busy" }));
    expect(await screen.findByText("2 unread")).toBeVisible();
  });

  it("shows only what is unread, and keeps one for later", async () => {
    let read = ["n1"];
    server.use(
      http.get("/api/notifications", ({ request }) => {
        const all = ["n1", "n2"].map((id, index) =>
          news(id, {
            data: { count: index + 1, module: "normal", by: "Mira" },
            read_at: read.includes(id) ? "2025-03-01T02:00:00+00:00" : null,
          }),
        );
        const wanted = new URL(request.url).searchParams.get("unread") === "true";
        const notifications = all.filter((entry) => !wanted || !entry.read_at);
        return HttpResponse.json({ notifications, unread: 2 - read.length });
      }),
      http.post("/api/notifications/unread", async ({ request }) => {
        const { ids } = (await request.json()) as { ids: string[] };
        read = read.filter((id) => !ids.includes(id));
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user, router } = await show();
    const list = async () => within(await screen.findByRole("list", { name: "Inbox" }));
    await user.click(await screen.findByRole("button", { name: "Unread only" }));
    expect(router.state.location.search).toEqual({ unread: "true" });
    await waitFor(() => expect(screen.queryByText("1 record for you")).toBeNull());
    expect((await list()).getByText("2 records for you")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Unread only" }));
    await user.click(await screen.findByRole("button", { name: "Mark as unread" }));
    expect(await screen.findByText("2 unread")).toBeVisible();
    await waitFor(() => expect(read).toEqual([]));
  });

  it("loads older ones page by page", async () => {
    server.use(
      http.get("/api/notifications", ({ request }) =>
        new URL(request.url).searchParams.get("cursor") === "older"
          ? HttpResponse.json({ notifications: [news("n2", { data: { count: 7 } })], unread: 0 })
          : HttpResponse.json(
              { notifications: [news("n1")], unread: 0 },
              { headers: { Link: '</api/notifications?cursor=older>; rel="next"' } },
            ),
      ),
    );
    const { user } = await show();
    await user.click(await screen.findByRole("button", { name: "Show older" }));
    expect(await screen.findByText("7 records for you")).toBeVisible();
    expect(within(screen.getByRole("list", { name: "Inbox" })).getAllByRole("listitem")).toHaveLength(2);
    await waitFor(() => expect(screen.queryByRole("button", { name: "Show older" })).toBeNull());
  });
});

describe("what one is told of", () => {
  it("is switched off kind by kind, at once; what is essential stays", async () => {
    let kinds = [
      { kind: "deposits", muted: false, essential: false },
      { kind: "digests", muted: true, essential: false },
      { kind: "access", muted: false, essential: true },
    ];
    const sent: unknown[] = [];
    server.use(
      http.get("/api/notifications/settings", () => HttpResponse.json({ kinds })),
      http.put("/api/notifications/settings", async ({ request }) => {
        const body = (await request.json()) as { muted: string[] };
        sent.push(body);
        kinds = kinds.map((kind) => ({ ...kind, muted: body.muted.includes(kind.kind) }));
        return HttpResponse.json({ kinds });
      }),
    );
    const { user } = await renderPage(() => <MuteSettings />, { me: MASTER });
    const deposits = await screen.findByRole("switch", { name: "Deposits" });
    expect(deposits).toBeChecked();
    expect(screen.getByRole("switch", { name: "Digests" })).not.toBeChecked();
    expect(screen.getByRole("switch", { name: "Unusual access" })).toBeDisabled();
    await user.click(deposits);
    expect(deposits).not.toBeChecked();
    await waitFor(() => expect(sent).toEqual([{ muted: ["deposits", "digests"] }]));
    await user.click(screen.getByRole("switch", { name: "Digests" }));
    await waitFor(() => expect(sent[1]).toEqual({ muted: ["deposits"] }));
    expect(screen.getByRole("switch", { name: "Digests" })).toBeChecked();
  });
});
