import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { DATABASE, DESK, PRODUCTS, record, STAFF_CHOICES } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { DatabasePage } from "./database-page";
import { POOLS } from "./descriptors";
import { databaseSearchSchema } from "./search";

const HELD = record(1, { status: "assigned", assigned_to: "s-1", assigned_to_name: "Ana" });
const ARCHIVED = record(2, { status: "invalid_archived", assigned_to: "s-1", assigned_to_name: "Ana" });

const show = (url = "/databases/d-1", me = DESK) =>
  renderPage(
    () => (
      <DatabasePage
        pool={POOLS.normal}
        id="d-1"
        requests={({ autoApprove }) => <p>requests: {String(autoApprove)}</p>}
      />
    ),
    { url, me, validateSearch: databaseSearchSchema },
  );

beforeEach(() => {
  server.use(
    http.get("/api/products", () => listed(PRODUCTS)),
    http.get("/api/staff-users", () => listed(STAFF_CHOICES)),
    http.get("/api/pools/normal/databases/d-1", () => HttpResponse.json(DATABASE)),
    http.get("/api/pools/normal/databases/d-1/records", () => listed([HELD, ARCHIVED])),
    http.get("/api/pools/normal/databases/d-1/eligibility", () =>
      HttpResponse.json({
        eligible: 10,
        excluded: [],
        staff: STAFF_CHOICES.map(({ id, name }) => ({
          staff_id: id,
          staff_name: name,
          open_records: 5,
          capacity: id === "s-3" ? 5 : null,
          room: id === "s-3" ? 0 : null,
        })),
      }),
    ),
  );
});

async function select(name: string) {
  const view = await show();
  await screen.findByText(name);
  const row = within(screen.getByRole("row", { name: new RegExp(name) }));
  await view.user.click(row.getByRole("checkbox"));
  return { ...view, bar: within(screen.getByRole("region", { name: "Selected rows" })) };
}

describe("handing over", () => {
  async function open() {
    const { user, bar } = await select("user1");
    await user.click(bar.getByRole("button", { name: "Hand over" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Hand over 1 record" }));
    await sheet.findByRole("radio", { name: "Budi" });
    return { user, sheet };
  }

  it("goes to one other staff with room, and can be undone", async () => {
    const sent: unknown[] = [];
    let undone = false;
    server.use(
      http.post("/api/pools/normal/hand-over", async ({ request }) => {
        sent.push([await request.json(), request.headers.has("Idempotency-Key")]);
        return HttpResponse.json({ operation_id: "o-1", moved_count: 1, excluded: [], blocked_records: [] });
      }),
      http.post("/api/operations/o-1/undo", () => {
        undone = true;
        return HttpResponse.json({ operation_id: "o-2", undone_count: 1, skipped_count: 0 });
      }),
    );
    const { user, sheet } = await open();
    // Who holds all of it has nothing to receive, and who is full no room.
    expect(sheet.queryByRole("radio", { name: "Ana" })).toBeNull();
    expect(sheet.getByRole("radio", { name: "Citra" })).toBeDisabled();
    await user.click(sheet.getByRole("button", { name: "Hand over" }));
    expect(sheet.getByText("Choose who gets them.")).toBeVisible();
    await user.click(sheet.getByRole("radio", { name: "Budi" }));
    await user.click(sheet.getByRole("button", { name: "Hand over to Budi" }));
    expect(await screen.findByText("1 record handed over to Budi")).toBeInTheDocument();
    expect(sent).toEqual([[{ record_ids: ["r-1"], staff_id: "s-2" }, true]]);
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(undone).toBe(true));
  });

  it("says what stayed and why", async () => {
    server.use(
      http.post("/api/pools/normal/hand-over", () =>
        HttpResponse.json({
          operation_id: "o-1",
          moved_count: 0,
          excluded: [{ reason: "held_already", count: 1 }],
          blocked_records: [{ record_id: "r-1", customer: "user1", reserved_by: "Citra" }],
        }),
      ),
    );
    const { user, sheet } = await open();
    await user.click(sheet.getByRole("radio", { name: "Budi" }));
    await user.click(sheet.getByRole("button", { name: "Hand over to Budi" }));
    const result = within(await screen.findByRole("dialog", { name: "Handed over in part" }));
    expect(result.getByText("Held by this staff already")).toBeVisible();
    expect(result.getByText("Reserved: Citra")).toBeVisible();
  });

  it("shows a refusal of the receiver at the choice", async () => {
    server.use(
      http.post("/api/pools/normal/hand-over", () =>
        problem(422, { code: "invalid", errors: [{ field: "staff_id", message: "Not active." }] }),
      ),
    );
    const { user, sheet } = await open();
    await user.click(sheet.getByRole("radio", { name: "Budi" }));
    await user.click(sheet.getByRole("button", { name: "Hand over to Budi" }));
    expect(await sheet.findByText("Not active.")).toBeVisible();
  });
});

describe("the archive", () => {
  it("archived records can be restored where they are seen", async () => {
    let sent: unknown;
    server.use(
      http.post("/api/validation/restore", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ operation_id: "o-1", restored_count: 1, skipped: [] });
      }),
    );
    const { user, bar } = await select("user2");
    expect(bar.getByRole("button", { name: "Hand over" })).toBeDisabled();
    await user.click(bar.getByRole("button", { name: "Restore" }));
    expect(await screen.findByText("1 record restored")).toBeInTheDocument();
    expect(sent).toEqual({ record_ids: ["r-2"] });
  });

  it("not by who may not decide about it", async () => {
    const me = { ...DESK, permissions: DESK.permissions.filter((name) => name !== "validation.manage") };
    const { user } = await show("/databases/d-1", me);
    await screen.findByText("user2");
    await user.click(within(screen.getByRole("row", { name: /user2/ })).getByRole("checkbox"));
    expect(screen.queryByRole("button", { name: "Restore" })).toBeNull();
  });
});

describe("requests of a database", () => {
  it("have a tab of their own; a count leads back to the records", async () => {
    const { user, router } = await show();
    await screen.findByText("user1");
    await user.click(screen.getByRole("tab", { name: "Requests" }));
    expect(await screen.findByText("requests: null")).toBeVisible();
    expect(router.state.location.search).toEqual({ tab: "requests" });
    expect(screen.getByRole("button", { name: /^Total/ })).toHaveAttribute("aria-pressed", "false");
    await user.click(screen.getByRole("button", { name: /^Assigned/ }));
    expect(await screen.findByText("user1")).toBeVisible();
    expect(router.state.location.search).toEqual({ status: "assigned" });
  });

  it("are there only for who reviews them", async () => {
    const me = { ...DESK, permissions: DESK.permissions.filter((name) => name !== "requests.review") };
    await show("/databases/d-1", me);
    await screen.findByText("user1");
    expect(screen.queryByRole("tab", { name: "Requests" })).toBeNull();
  });
});
