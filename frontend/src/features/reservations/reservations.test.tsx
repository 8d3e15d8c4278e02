import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { SessionUser } from "@/api/session";
import { DESK, PRODUCTS, STAFF_CHOICES, STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { ConflictsPage } from "./conflicts-page";
import { ReservationsPage } from "./reservations-page";
import { conflictsSearchSchema, reservationsSearchSchema } from "./search";
import type { CleanupPreview, Impact, Reservation } from "./types";

const ADMIN: SessionUser = {
  ...DESK,
  permissions: [...DESK.permissions, "reservations.read", "reservations.manage"],
};
const MASTER: SessionUser = { ...ADMIN, permissions: [...ADMIN.permissions, "trash.empty"] };
const ANA: SessionUser = { ...STAFF_USER, permissions: [...STAFF_USER.permissions, "reservations.read"] };

const reservation = (id: string, patch: Partial<Reservation> = {}): Reservation => ({
  id,
  customer_id: `customer-${id}`,
  customer_key: `customer-${id}`,
  aliases: [],
  product_id: "p-1",
  product_name: "Product A",
  staff_id: "s-1",
  staff_name: "Ana",
  status: "pending",
  is_permanent: false,
  auto_reassigned: false,
  created_at: "2025-02-27T01:00:00+00:00",
  created_by_name: "Ana",
  ...patch,
});

const APPROVED = [
  reservation("r-3", { status: "approved", remaining_days: 12, expires_on: "2025-03-14" }),
  reservation("r-4", { status: "approved", is_permanent: true }),
];

const IMPACT: Impact = {
  records: 7,
  to_be_reserved: 4,
  dropped_from_requests: 1,
  conflicts: [{ staff_id: "s-2", staff_name: "Budi", count: 2 }],
};

const NO_EFFECTS = {
  invalidated_records: 0,
  restored_records: 0,
  notified_staff_count: 0,
  records_marked_reserved: 0,
  records_unreserved: 0,
  dropped_from_requests: 0,
};

let asked: { path: string; query: URLSearchParams }[] = [];

const show = (url = "/reserved", me = ADMIN) =>
  renderPage(() => <ReservationsPage />, { url, me, validateSearch: reservationsSearchSchema });

beforeEach(() => {
  asked = [];
  const note = (url: string) => {
    const { pathname, searchParams } = new URL(url);
    asked.push({ path: pathname, query: searchParams });
    return searchParams;
  };
  server.use(
    http.get("/api/staff-users", () => listed(STAFF_CHOICES)),
    http.get("/api/products", () => listed(PRODUCTS)),
    http.get("/api/reserved-members/counts", () =>
      HttpResponse.json({ pending: 2, approved: 40, rejected: 3, cancelled: 1, expired: 5, released: 6 }),
    ),
    http.get("/api/reserved-members/deleted", ({ request: { url } }) => {
      note(url);
      return listed([
        reservation("r-9", {
          status: "expired",
          ended_at: "2025-02-28T17:01:00+00:00",
          deleted_reason: "no_deposit",
        }),
      ]);
    }),
    http.get("/api/reserved-members", ({ request: { url } }) =>
      listed(note(url).get("status") === "approved" ? APPROVED : [reservation("r-1"), reservation("r-2")]),
    ),
    http.get("/api/reserved-members/impact", ({ request: { url } }) => {
      note(url);
      return HttpResponse.json(IMPACT);
    }),
    http.get("/api/reserved-members/:id/impact", ({ request: { url } }) => {
      note(url);
      return HttpResponse.json(IMPACT);
    }),
  );
});

describe("the lists", () => {
  it("show what waits first, with how many each holds", async () => {
    await show();
    expect(await screen.findByText("customer-r-1")).toBeVisible();
    expect(asked[0]?.query.get("status")).toBe("pending");
    expect(await screen.findByRole("tab", { name: "Waiting 2", selected: true })).toBeVisible();
    expect(screen.getByRole("tab", { name: "Reserved 40" })).toBeVisible();
    expect(screen.getByRole("tab", { name: "Archive 11" })).toBeVisible();
  });

  it("open by their tab, with the countdown and the permanent ones marked", async () => {
    const { user, router } = await show("/reserved?product_id=p-1");
    await user.click(await screen.findByRole("tab", { name: /^Reserved/ }));
    expect(await screen.findByText("12 days left")).toBeVisible();
    expect(screen.getByText("14 Mar 2025")).toBeVisible();
    expect(screen.getByText("Permanent")).toBeVisible();
    expect(router.state.location.search).toMatchObject({ tab: "approved", product_id: "p-1" });
    expect(asked.at(-1)?.query.get("product_id")).toBe("p-1");
  });

  it("say in the archive why something ended; only who empties the bin can delete it", async () => {
    const { user } = await show("/reserved?tab=archive");
    expect(await screen.findByText("Never a deposit within the days of grace")).toBeVisible();
    expect(asked[0]?.path).toBe("/api/reserved-members/deleted");
    await user.click(screen.getByRole("button", { name: "Actions for customer-r-9" }));
    expect(screen.getByRole("menuitem", { name: "Restore" })).toBeVisible();
    expect(screen.queryByRole("menuitem", { name: "Delete for good" })).toBeNull();
  });

  it("ask for the word before something is deleted for good", async () => {
    let purged = "";
    server.use(
      http.delete("/api/reserved-members/deleted/:id", ({ params }) => {
        purged = String(params.id);
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = await show("/reserved?tab=archive", MASTER);
    await user.click(await screen.findByRole("button", { name: "Actions for customer-r-9" }));
    await user.click(screen.getByRole("menuitem", { name: "Delete for good" }));
    const dialog = await screen.findByRole("alertdialog");
    const confirm = within(dialog).getByRole("button", { name: "Delete for good" });
    expect(confirm).toBeDisabled();
    await user.type(within(dialog).getByRole("textbox"), "delete");
    await user.click(confirm);
    await waitFor(() => expect(purged).toBe("r-9"));
  });

  it("offer staff their own requests to take back, and nothing to decide", async () => {
    const { user } = await show("/reserved?tab=pending", ANA);
    await screen.findByText("customer-r-1");
    expect(screen.queryByRole("button", { name: "Paste many" })).toBeNull();
    expect(screen.queryByRole("tab", { name: "Days of grace" })).toBeNull();
    expect(screen.queryByRole("columnheader", { name: "Owner" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Actions for customer-r-1" }));
    expect(screen.getAllByRole("menuitem").map((item) => item.textContent)).toEqual(["Cancel request"]);
  });
});

describe("deciding", () => {
  it("shows what an approval does before it is given", async () => {
    let approved = "";
    server.use(
      http.patch("/api/reserved-members/:id/approve", ({ params }) => {
        approved = String(params.id);
        return HttpResponse.json({
          ...reservation("r-1", { status: "approved" }),
          ...NO_EFFECTS,
          records_marked_reserved: 4,
        });
      }),
    );
    const { user } = await show();
    await user.click(await screen.findByRole("button", { name: "Approve customer-r-1" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(await within(dialog).findByText(/2 records that others hold will be in conflict/)).toBeVisible();
    expect(within(dialog).getByText("Budi: 2")).toBeVisible();
    await user.click(within(dialog).getByRole("button", { name: "Approve" }));
    expect(await screen.findByText("1 reservation approved")).toBeInTheDocument();
    expect(screen.getByText("4 records reserved")).toBeInTheDocument();
    expect(approved).toBe("r-1");
  });

  it("says of several how each one went", async () => {
    const sent: unknown[] = [];
    server.use(
      http.post("/api/reserved-members/bulk-review", async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({
          success_count: 1,
          failed_count: 1,
          results: [
            { id: "r-1", status: "rejected" },
            { id: "r-2", status: "cancelled", error: "This reservation is cancelled." },
          ],
        });
      }),
    );
    const { user } = await show();
    await screen.findByText("customer-r-1");
    await user.click(screen.getByRole("checkbox", { name: "Select all rows of this page" }));
    await user.click(screen.getByRole("button", { name: "Reject" }));
    await user.type(await screen.findByRole("textbox", { name: /Reason/ }), "Not yet");
    await user.click(screen.getByRole("button", { name: "Reject" }));
    const result = await screen.findByRole("dialog", { name: "Not all could be done" });
    expect(within(result).getByText("1 of 2 done.")).toBeVisible();
    const lines = within(result).getAllByRole("listitem");
    expect(lines[0]).toHaveTextContent("customer-r-2");
    expect(lines[0]).toHaveTextContent("It was cancelled meanwhile.");
    expect(lines[1]).toHaveTextContent("customer-r-1");
    expect(sent).toEqual([{ reservation_ids: ["r-1", "r-2"], action: "reject", reason: "Not yet" }]);
  });

  it("moves to somebody else after showing what that does", async () => {
    let moved: URL | undefined;
    server.use(
      http.patch("/api/reserved-members/:id/move", ({ request }) => {
        moved = new URL(request.url);
        return HttpResponse.json({ ...reservation("r-1", { staff_name: "Citra" }), ...NO_EFFECTS });
      }),
    );
    const { user } = await show();
    await user.click(await screen.findByRole("button", { name: "Actions for customer-r-1" }));
    await user.click(screen.getByRole("menuitem", { name: "Give to somebody else" }));
    const select = await screen.findByRole("combobox", { name: "New owner" });
    await within(select).findByRole("option", { name: "Citra" });
    expect(within(select).queryByRole("option", { name: "Ana" })).toBeNull();
    await user.selectOptions(select, "s-3");
    expect(await screen.findByText("4 available records become reserved")).toBeVisible();
    expect(asked.at(-1)?.query.get("new_staff_id")).toBe("s-3");
    await user.click(screen.getByRole("button", { name: "Give" }));
    expect(await screen.findByText("The customer belongs to Citra now")).toBeInTheDocument();
    expect(moved?.pathname).toBe("/api/reserved-members/r-1/move");
    expect(moved?.searchParams.get("new_staff_id")).toBe("s-3");
  });
});

describe("reserving", () => {
  async function filled(me = ADMIN) {
    const view = await show("/reserved?panel=add", me);
    const sheet = await screen.findByRole("dialog");
    await view.user.type(within(sheet).getByRole("textbox", { name: "Customer id" }), "Andi88");
    await within(sheet).findByRole("option", { name: "Product A" });
    await view.user.selectOptions(within(sheet).getByRole("combobox", { name: "Product" }), "p-1");
    return { ...view, sheet };
  }

  it("shows what it would do before it is saved, then sends it with a key", async () => {
    const sent: { body: unknown; key: string | null }[] = [];
    server.use(
      http.post("/api/reserved-members", async ({ request }) => {
        sent.push({ body: await request.json(), key: request.headers.get("Idempotency-Key") });
        return HttpResponse.json(
          { ...reservation("r-8", { status: "approved", customer_id: "Andi88" }), ...NO_EFFECTS },
          { status: 201 },
        );
      }),
    );
    const { user, sheet } = await filled();
    expect(within(sheet).getByText(/to see what this does/)).toBeVisible();
    await within(sheet).findByRole("option", { name: "Ana" });
    await user.selectOptions(within(sheet).getByRole("combobox", { name: "Owner" }), "s-1");
    expect(await within(sheet).findByText("4 available records become reserved")).toBeVisible();
    expect(within(sheet).getByText("1 record leaves the requests of others")).toBeVisible();
    expect(within(sheet).getByText("Budi: 2")).toBeVisible();
    expect(Object.fromEntries(asked.at(-1)?.query ?? [])).toEqual({
      customer_id: "Andi88",
      product_id: "p-1",
      staff_id: "s-1",
    });
    await user.type(within(sheet).getByRole("textbox", { name: /Other ids/ }), "andi_2\n\nandi_3");
    await user.click(within(sheet).getByRole("button", { name: "Reserve" }));
    expect(await screen.findByText("Andi88 is reserved for Ana")).toBeInTheDocument();
    expect(sent).toEqual([
      {
        body: { customer_id: "Andi88", product_id: "p-1", staff_id: "s-1", aliases: ["andi_2", "andi_3"] },
        key: expect.stringMatching(/.{8,}/),
      },
    ]);
  });

  it("names the owner of a taken customer to those who may know", async () => {
    server.use(
      http.post("/api/reserved-members", () =>
        problem(409, {
          code: "customer_taken",
          errors: [{ field: "customer_id", message: "This customer is reserved by Budi." }],
          reserved_by: "Budi",
        }),
      ),
    );
    const { user, sheet } = await filled();
    await within(sheet).findByRole("option", { name: "Ana" });
    await user.selectOptions(within(sheet).getByRole("combobox", { name: "Owner" }), "s-1");
    await user.click(within(sheet).getByRole("button", { name: "Reserve" }));
    expect(await within(sheet).findByText("This customer is reserved by Budi.")).toBeVisible();
    expect(within(sheet).getByRole("textbox", { name: "Customer id" })).toBeInvalid();
  });

  it("lets staff ask for themselves only, and says that somebody has the customer, not who", async () => {
    const sent: unknown[] = [];
    server.use(
      http.post("/api/reserved-members", async ({ request }) => {
        sent.push(await request.json());
        return problem(409, {
          code: "customer_taken",
          errors: [{ field: "customer_id", message: "This customer is taken." }],
        });
      }),
    );
    const { user, sheet } = await filled(ANA);
    expect(within(sheet).queryByRole("combobox", { name: "Owner" })).toBeNull();
    await user.click(within(sheet).getByRole("button", { name: "Ask" }));
    expect(await within(sheet).findByText("This customer is taken.")).toBeVisible();
    expect(sent).toEqual([{ customer_id: "Andi88", product_id: "p-1", aliases: [] }]);
  });

  it("pastes many, and says which were added and why the others were not", async () => {
    const sent: unknown[] = [];
    server.use(
      http.post("/api/reserved-members/bulk", async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({
          success: true,
          added_count: 1,
          skipped_count: 2,
          invalidated_conflicts: 3,
          added: ["a1"],
          skipped: [
            { customer_id: "A1", reason: "listed_twice" },
            { customer_id: "b2", reason: "taken" },
          ],
          records_marked_reserved: 0,
          notified_staff_count: 1,
        });
      }),
    );
    const { user } = await show("/reserved?panel=bulk");
    const sheet = await screen.findByRole("dialog");
    await user.click(within(sheet).getByRole("button", { name: "Reserve" }));
    expect(within(sheet).getByText("Paste at least one id.")).toBeVisible();
    await user.type(within(sheet).getByRole("textbox"), "a1\n  A1 \n\nb2");
    await within(sheet).findByRole("option", { name: "Product B" });
    await user.selectOptions(within(sheet).getByRole("combobox", { name: "Product" }), "p-2");
    await within(sheet).findByRole("option", { name: "Budi" });
    await user.selectOptions(within(sheet).getByRole("combobox", { name: "Owner" }), "s-2");
    await user.click(within(sheet).getByRole("button", { name: "Reserve 3 customers" }));
    const skipped = await screen.findByRole("list", { name: "2 skipped" });
    expect(
      within(skipped)
        .getAllByRole("listitem")
        .map((item) => item.textContent),
    ).toEqual(["A1Listed twice", "b2Somebody has them already"]);
    expect(screen.getByRole("list", { name: "1 customer reserved" })).toHaveTextContent("a1");
    expect(screen.getByText("3 records of others in conflict")).toBeVisible();
    expect(sent).toEqual([{ customer_ids: ["a1", "A1", "b2"], product_id: "p-2", staff_id: "s-2" }]);
  });
});

it("tells the history of a reservation, with names and reasons in words", async () => {
  server.use(
    http.get("/api/reserved-members/r-3", () =>
      HttpResponse.json({
        ...APPROVED[0],
        events: [
          {
            at: "2025-02-01T01:00:00+00:00",
            actor_name: "Ana",
            kind: "ask",
            from_status: null,
            to_status: "pending",
          },
          {
            at: "2025-02-02T01:00:00+00:00",
            actor_name: "Master",
            kind: "move",
            from_status: "pending",
            to_status: "pending",
            detail: { from_staff_id: "s-2", to_staff_id: "s-1" },
          },
          {
            at: "2025-02-03T01:00:00+00:00",
            actor_name: "System",
            kind: "expire",
            from_status: "approved",
            to_status: "expired",
            reason: "no_omset_grace_period",
          },
        ],
      }),
    ),
  );
  await show("/reserved?tab=approved&open=r-3");
  const history = await screen.findByRole("list", { name: "What happened" });
  expect(await within(history).findByText("Budi → Ana")).toBeVisible();
  const entries = within(history).getAllByRole("listitem");
  expect(entries[0]).toHaveTextContent("Asked for");
  expect(entries[2]).toHaveTextContent("No deposit within the days of grace");
});

describe("the days of grace", () => {
  const CONFIG = { global_grace_days: 30, warning_days: 7, product_overrides: { "p-1": 14, "p-old": 9 } };
  const entry = { customer_id: "Andi88", product_name: "Product A", staff_id: "s-1", staff_name: "Ana" };
  const PREVIEW: CleanupPreview = {
    config: CONFIG,
    total_approved_members: 40,
    expiring_soon_count: 1,
    will_be_deleted_count: 1,
    permanent_members_count: 0,
    expiring_soon: [{ ...entry, id: "e-1", remaining_days: 3, expires_on: "2025-03-05" }],
    will_be_deleted: [{ ...entry, id: "e-2", remaining_days: -1, expires_on: "2025-03-01" }],
    permanent_members: [],
  };

  beforeEach(() => {
    server.use(
      http.get("/api/reserved-members/cleanup-config", () => HttpResponse.json(CONFIG)),
      http.get("/api/scheduled-reports/reserved-member-cleanup-preview", () => HttpResponse.json(PREVIEW)),
    );
  });

  it("are saved with those of products, and the server's word is shown at its field", async () => {
    const sent: unknown[] = [];
    server.use(
      http.put("/api/reserved-members/cleanup-config", async ({ request }) => {
        sent.push(await request.json());
        return problem(400, {
          code: "bad_cleanup_config",
          errors: [{ field: "global_grace_days", message: "Too short for this desk." }],
        });
      }),
    );
    const { user } = await show("/reserved?tab=grace");
    const days = await screen.findByRole("textbox", { name: "Days" });
    const warning = screen.getByRole("textbox", { name: "Warn for the last" });
    await user.clear(warning);
    await user.type(warning, "30");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(screen.getByText(/less than the days of grace/)).toBeVisible();
    expect(sent).toEqual([]);
    await user.clear(days);
    await user.type(days, "45");
    await user.clear(screen.getByRole("textbox", { name: "Product A" }));
    await user.type(screen.getByRole("textbox", { name: "Product B" }), "60");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Too short for this desk.")).toBeVisible();
    expect(sent).toEqual([
      { global_grace_days: 45, warning_days: 30, product_overrides: { "p-old": 9, "p-2": 60 } },
    ]);
  });

  it("show what the next run does, and run it after a question", async () => {
    let runs = 0;
    server.use(
      http.post("/api/scheduled-reports/reserved-member-cleanup-run", () => {
        runs += 1;
        return HttpResponse.json({ success: true, message: "", expired_count: 1, warned_count: 1 });
      }),
    );
    const { user } = await show("/reserved?tab=grace");
    const ending = await screen.findByRole("list", { name: "Will end" });
    expect(ending).toHaveTextContent("Grace is over");
    expect(screen.getByRole("list", { name: "End soon" })).toHaveTextContent("3 days left");
    await user.click(screen.getByRole("button", { name: "Run now" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(dialog).toHaveTextContent("1 reservation ends");
    await user.click(within(dialog).getByRole("button", { name: "Run now" }));
    expect(await screen.findByText("1 ended, 1 owners warned")).toBeInTheDocument();
    expect(runs).toBe(1);
  });
});

describe("conflicts", () => {
  const showConflicts = (url: string) =>
    renderPage(() => <ConflictsPage />, { url, me: ADMIN, validateSearch: conflictsSearchSchema });

  it("show the open ones, and all on demand", async () => {
    const queries: URLSearchParams[] = [];
    server.use(
      http.get("/api/reserved-members/conflicts", ({ request: { url } }) => {
        queries.push(new URL(url).searchParams);
        return listed([
          {
            id: "c-1",
            customer_id: "Andi88",
            product_id: "p-1",
            product_name: "Product A",
            database_name: "June leads",
            staff_id: "s-2",
            staff_name: "Budi",
            reserved_by_id: "s-1",
            reserved_by_name: "Ana",
            began_at: "2025-02-27T01:00:00+00:00",
            record_id: "x-1",
            is_open: true,
          },
        ]);
      }),
    );
    const { user } = await showConflicts("/reserved/conflicts?staff_id=s-2");
    expect(await screen.findByText("Andi88")).toBeVisible();
    expect(queries[0]?.get("only_open")).toBe("true");
    expect(queries[0]?.get("staff_id")).toBe("s-2");
    await user.selectOptions(screen.getByRole("combobox", { name: "State" }), "all");
    await waitFor(() => expect(queries.at(-1)?.get("only_open")).toBe("false"));
  });

  it("show reservations that look like one customer", async () => {
    server.use(
      http.get("/api/reserved-members/duplicates", () =>
        HttpResponse.json({
          total: 1,
          duplicates: [{ kind: "phone", value: "+628120000000", reservations: APPROVED }],
        }),
      ),
    );
    await showConflicts("/reserved/conflicts?tab=duplicates");
    expect(await screen.findByText("Same phone:")).toBeVisible();
    const link = screen.getByRole("link", { name: "Open the reservation of customer-r-3" });
    expect(link).toHaveAttribute("href", "/reserved?tab=approved&open=r-3");
  });
});
