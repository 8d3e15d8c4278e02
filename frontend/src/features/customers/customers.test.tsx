import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DESK, record, STAFF_CHOICES, STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { otherFields } from "./columns";
import { CustomersPage } from "./customers-page";
import { customersSearchSchema, groupOf } from "./search";
import type { HeldRecord } from "./types";

const NOTHING = {
  ada: 0,
  ceklis1: 0,
  tidak: 0,
  respond_ya: 0,
  respond_tidak: 0,
  validated: 0,
  invalid: 0,
  unvalidated: 0,
};
const GROUPS = [
  {
    kind: "batch",
    id: "b-1",
    module: "memberwd",
    title: "Morning",
    database_id: "d-1",
    database_name: "June leads",
    product_name: "Product A",
    record_count: 50,
    created_at: "2025-02-28T02:00:00+00:00",
    is_pinned: true,
    new_count: 3,
    worked_count: 20,
    counts: { ...NOTHING, ada: 12, validated: 7 },
  },
  {
    kind: "database",
    id: "d-2",
    module: "bonanza",
    title: "Prize draw",
    database_id: "d-2",
    database_name: "Prize draw",
    product_name: "Product B",
    record_count: 1,
    created_at: "2025-02-27T02:00:00+00:00",
    is_pinned: false,
    new_count: 0,
    worked_count: 0,
    counts: NOTHING,
  },
];
const held = (number: number) =>
  record(number, {
    status: "assigned",
    assigned_to: "s-1",
    assigned_to_name: "Ana",
    assigned_at: "2025-02-28T02:00:00+00:00",
    database_id: "d-1",
    database_name: "June leads",
    module: "memberwd",
    whatsapp_status: null,
    respond_status: null,
    version: 0,
    note_count: 0,
  });
const REASONS = [
  { code: "wrong_number", is_active: true },
  { code: "duplicate", is_active: true },
  { code: "other", is_active: false },
];
type Mark = { record_id: string; whatsapp_status?: string | null; respond_status?: string | null };
let asked: URLSearchParams[] = [];
let seen: string[] = [];
let marked: Mark[] = [];

beforeEach(() => {
  asked = [];
  seen = [];
  marked = [];
  const answer = ({ request }: { request: Request }) => {
    asked.push(new URL(request.url).searchParams);
    return listed([held(1), held(2)]);
  };
  server.use(
    http.get("/api/my/groups", () => listed(GROUPS)),
    http.get("/api/my/records", answer),
    http.get("/api/assignments", answer),
    http.get("/api/staff-users", () => listed(STAFF_CHOICES)),
    http.get("/api/settings/reason-codes", () => listed(REASONS)),
    http.post("/api/my/groups/:kind/:id/seen", ({ params }) => {
      seen.push(`${params.kind}:${params.id}`);
      return new HttpResponse(null, { status: 204 });
    }),
    http.post("/api/my/marks", async ({ request }) => {
      const { marks } = (await request.json()) as { marks: Mark[] };
      marked.push(...marks);
      const records = marks.map(({ record_id, ...values }) => ({ id: record_id, ...values, version: 1 }));
      return HttpResponse.json({ records, conflicts: [], missing: [] });
    }),
  );
});

const show = (url = "/customers") =>
  renderPage(() => <CustomersPage />, { url, me: STAFF_USER, validateSearch: customersSearchSchema });
const rowOf = async (name: string) => (await screen.findByText(name)).closest("tr") as HTMLElement;
const pressed = (row: HTMLElement, name: string) => within(row).getByRole("button", { name, pressed: true });

describe("staff", () => {
  it("sees batches and databases with their counts, what is pinned and what is new", async () => {
    await show();
    const groups = within(await screen.findByRole("navigation", { name: "Batches and databases" }));
    expect(
      await groups.findByRole("link", { name: /Morning.*pinned.*20 of 50 customers.*3 new/ }),
    ).toBeVisible();
    expect(groups.getByRole("link", { name: /Prize draw.*0 of 1 customer$/ })).toBeVisible();
  });

  it("a group shows its records at an address of its own, and is told to be seen once", async () => {
    const { user, router } = await show();
    await user.click(await screen.findByRole("link", { name: /Morning/ }));
    await waitFor(() => expect(router.state.location.search).toEqual({ group: "batch:b-1" }));
    await waitFor(() =>
      expect(Object.fromEntries(asked.at(-1) ?? [])).toEqual({
        limit: "50",
        group_kind: "batch",
        group_id: "b-1",
      }),
    );
    expect(screen.getByRole("link", { name: /Morning/ })).toHaveAttribute("aria-current", "page");
    expect(await screen.findByRole("columnheader", { name: "City" })).toBeVisible();
    expect(screen.getByRole("heading", { name: "Morning" })).toBeVisible();
    await waitFor(() => expect(seen).toEqual(["batch:b-1"]));
  });

  it("renames and pins a group in place", async () => {
    const changes: unknown[] = [];
    server.use(
      http.patch("/api/my/groups/batch/b-1", async ({ request }) => {
        changes.push(await request.json());
        return HttpResponse.json(GROUPS[0]);
      }),
    );
    const { user } = await show("/customers?group=batch:b-1");
    await user.click(await screen.findByRole("button", { name: "Unpin" }));
    await user.click(screen.getByRole("button", { name: "Rename" }));
    await user.clear(screen.getByRole("textbox", { name: "Title" }));
    await user.type(screen.getByRole("textbox", { name: "Title" }), "Evening{Enter}");
    await waitFor(() => expect(changes).toEqual([{ is_pinned: false }, { title: "Evening" }]));
    expect(await screen.findByRole("button", { name: "Rename" })).toBeVisible();
  });

  it("has the number to copy and a link to WhatsApp", async () => {
    await show();
    const row = within((await screen.findByText("user1")).closest("tr") as HTMLElement);
    expect(row.getByRole("button", { name: "Copy +628120000000" })).toBeVisible();
    expect(row.getByRole("link", { name: /WhatsApp/ })).toHaveAttribute("href", "https://wa.me/628120000000");
  });

  it("searches own records within the group", async () => {
    const { user } = await show("/customers?group=database:d-2");
    await screen.findByText("user1");
    await user.type(screen.getByRole("searchbox"), "ani");
    await waitFor(() => expect(asked.at(-1)?.get("q")).toBe("ani"));
    expect(asked.at(-1)?.get("group_id")).toBe("d-2");
  });

  it("with nothing to do is told what comes next", async () => {
    server.use(
      http.get("/api/my/groups", () => listed([])),
      http.get("/api/my/records", () => listed([])),
    );
    await show();
    expect(await screen.findByText(/Customers that are given to you appear here/)).toBeVisible();
  });
});

describe("the keyboard", () => {
  it("marks the row it is on and stays there; the same key again takes it back", async () => {
    const { user } = await show();
    const first = await rowOf("user1");
    await user.keyboard("{ArrowDown}");
    expect(first).toHaveFocus();
    await user.keyboard("1y");
    expect(pressed(first, "Active")).toBeVisible();
    expect(pressed(first, "Yes")).toBeVisible();
    expect(first).toHaveFocus();
    await user.keyboard("y{ArrowDown}3");
    expect(pressed(await rowOf("user2"), "No WA")).toBeVisible();
    expect(within(first).queryByRole("button", { name: "Yes", pressed: true })).toBeNull();
    // How many requests it took depends on how fast one types; what the server has in the end does not.
    const saved = () => {
      const last: Record<string, Omit<Mark, "record_id">> = {};
      for (const { record_id, whatsapp_status, respond_status } of marked) {
        const before = last[record_id];
        last[record_id] = {
          whatsapp_status: whatsapp_status ?? before?.whatsapp_status,
          respond_status: respond_status === undefined ? before?.respond_status : respond_status,
        };
      }
      return last;
    };
    await waitFor(() =>
      expect(saved()).toEqual({
        "r-1": { whatsapp_status: "ada", respond_status: null },
        "r-2": { whatsapp_status: "tidak" },
      }),
    );
    expect(await screen.findByText("All saved")).toBeVisible();
  });

  it("takes a refused mark back and says why", async () => {
    let answer = () => {};
    const asked = new Promise<void>((resolve) => (answer = resolve));
    server.use(
      http.post("/api/my/marks", async () => {
        await asked;
        return problem(403, { code: "forbidden", detail: "no" });
      }),
    );
    const { user } = await show();
    const first = await rowOf("user1");
    await user.keyboard("{ArrowDown}1");
    expect(pressed(first, "Active")).toBeVisible();
    answer();
    expect(await screen.findByText("The mark was refused and taken back")).toBeVisible();
    expect(screen.getByText("Your account may not do this.")).toBeVisible();
    expect(within(first).queryByRole("button", { name: "Active", pressed: true })).toBeNull();
  });

  it("asks why a record is invalid; a replaced one gives its place to the new one", async () => {
    let body: unknown;
    server.use(
      http.post("/api/my/validate", async ({ request }) => {
        body = await request.json();
        return HttpResponse.json({
          updated_count: 1,
          auto_replaced: 1,
          replacement_failed: 0,
          replacement_details: [{ record_id: "r-1", replaced_by: "r-9" }],
          records: [held(9), { ...held(1), version: 1, validation_status: "invalid" }],
        });
      }),
    );
    const { user } = await show();
    await rowOf("user1");
    await user.keyboard("{ArrowDown}i");
    const dialog = within(await screen.findByRole("dialog", { name: "Why is it invalid?" }));
    expect(await dialog.findByRole("button", { name: /Duplicate/ })).toBeVisible();
    expect(dialog.queryByRole("button", { name: /Other/ })).toBeNull();
    await user.keyboard("2");
    expect(await screen.findByText("1 replaced")).toBeVisible();
    expect(body).toEqual({ record_ids: ["r-1"], is_valid: false, reason: "duplicate", version: 0 });
    const fresh = await rowOf("user9");
    expect(within(fresh).getByText("New")).toBeVisible();
    expect(screen.queryByText("user1")).toBeNull();
    await waitFor(() => expect(fresh).toHaveFocus());
  });

  it("opens the record, copies its number, opens WhatsApp and asks for more", async () => {
    server.use(
      http.get("/api/records/:id/notes", () => listed([])),
      http.get("/api/records/:id/timeline", () => listed([])),
    );
    const open = vi.spyOn(window, "open").mockReturnValue(null);
    const { user, router } = await show();
    await rowOf("user1");
    await user.keyboard("{ArrowDown}o");
    expect(open).toHaveBeenCalledWith("https://wa.me/628120000000", "_blank", "noopener,noreferrer");
    await user.keyboard("c");
    expect(await screen.findByText("Number copied")).toBeVisible();
    expect(await navigator.clipboard.readText()).toBe("+628120000000");
    await user.keyboard("{Enter}");
    const sheet = await screen.findByRole("dialog", { name: "user1" });
    expect(router.state.location.search).toEqual({ open: "r-1" });
    await user.keyboard("2");
    expect(pressed(sheet, "1 tick")).toBeVisible();
    await user.keyboard("{ArrowDown}");
    expect(await screen.findByRole("dialog", { name: "user2" })).toBeVisible();
    open.mockRestore();
  });
});

describe("filters", () => {
  it("are in the URL, and a row that no longer fits stays where it is", async () => {
    const { user, router } = await show("/customers?whatsapp=none");
    const first = await rowOf("user1");
    expect(asked.at(-1)?.get("whatsapp")).toBe("none");
    await user.keyboard("{ArrowDown}1");
    expect(pressed(first, "Active")).toBeVisible();
    expect(first).toHaveClass("grayscale");
    expect(await screen.findByRole("button", { name: "The list has changed: refresh" })).toBeVisible();
    await user.selectOptions(screen.getByRole("combobox", { name: "Reply" }), "ya");
    await waitFor(() => expect(router.state.location.search).toEqual({ whatsapp: "none", respond: "ya" }));
    await waitFor(() => expect(asked.at(-1)?.get("respond")).toBe("ya"));
  });
});

describe("admin", () => {
  it("sees everybody's, by staff and module", async () => {
    const { user, router } = await renderPage(() => <CustomersPage />, {
      url: "/customers?staff_id=s-2",
      me: DESK,
      validateSearch: customersSearchSchema,
    });
    const row = within((await screen.findByText("user1")).closest("tr") as HTMLElement);
    expect(row.getByText("Ana")).toBeVisible();
    expect(row.getByRole("link", { name: "June leads" })).toHaveAttribute("href", "/member-wd/d-1");
    expect(asked[0]?.get("staff_id")).toBe("s-2");
    await user.selectOptions(screen.getByLabelText("Module"), "bonanza");
    await waitFor(() => expect(router.state.location.search).toEqual({ staff_id: "s-2", module: "bonanza" }));
    await waitFor(() => expect(asked.at(-1)?.get("module")).toBe("bonanza"));
  });
});

describe("details", () => {
  it("a group in the URL is read, nonsense is not", () => {
    expect(groupOf("batch:b:1")).toEqual({ kind: "batch", id: "b:1" });
    expect(groupOf("else:1")).toBeUndefined();
    expect(groupOf(undefined)).toBeUndefined();
  });

  it("columns that only repeat username, name or phone are left out", () => {
    const rows = [held(1), held(2)].map((row) => ({
      ...row,
      row_data: { ...row.row_data, Phone: "08120000000" },
    })) as unknown as HeldRecord[];
    expect(otherFields(rows)).toEqual(["City"]);
    expect(otherFields([])).toEqual([]);
  });
});
