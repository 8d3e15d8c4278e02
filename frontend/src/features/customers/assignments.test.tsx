import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { SessionUser } from "@/api/session";
import { DESK, record, STAFF_CHOICES, STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, server } from "@/test/server";
import { CustomersPage } from "./customers-page";
import { customersSearchSchema } from "./search";

const held = (number: number, more: Record<string, unknown> = {}) =>
  record(number, {
    status: "assigned",
    assigned_to: "s-1",
    assigned_to_name: "Ana",
    assigned_at: "2025-02-28T02:00:00+00:00",
    database_id: "d-1",
    database_name: "June leads",
    module: "memberwd",
    version: 0,
    note_count: 0,
    ...more,
  });

const CORRECTOR: SessionUser = { ...DESK, permissions: [...DESK.permissions, "contacts.manage"] };
type Sent = { path: string; body: unknown };
let sent: Sent[] = [];
let asked: URLSearchParams[] = [];

beforeEach(() => {
  sent = [];
  asked = [];
  const take = async (request: Request) => {
    sent.push({ path: new URL(request.url).pathname, body: await request.json() });
  };
  server.use(
    http.get("/api/assignments", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return listed([
        held(1),
        held(2),
        held(3, { validation_status: "invalid", validation_reason: "duplicate" }),
      ]);
    }),
    http.get("/api/staff-users", () => listed(STAFF_CHOICES)),
    http.get("/api/settings/reason-codes", () => listed([{ code: "duplicate", is_active: true }])),
    http.post("/api/my/marks", async ({ request }) => {
      const body = (await request.clone().json()) as { marks: { record_id: string }[] };
      await take(request);
      const records = body.marks.map(({ record_id, ...marks }) => ({ ...marks, id: record_id, version: 1 }));
      return HttpResponse.json({ records, conflicts: [], missing: [] });
    }),
    http.post("/api/records/validate", async ({ request }) => {
      await take(request);
      return HttpResponse.json({
        success: true,
        updated_count: 2,
        auto_replaced: 1,
        replacement_failed: 1,
        replacement_details: [
          { record_id: "r-1", replaced_by: "r-9" },
          { record_id: "r-2", failed: "quota" },
        ],
        records: [],
      });
    }),
  );
});

const show = (me: SessionUser, url = "/customers") =>
  renderPage(() => <CustomersPage />, { url, me, validateSearch: customersSearchSchema });
const rowOf = async (name: string) => (await screen.findByText(name)).closest("tr") as HTMLElement;
const choose = async (user: Awaited<ReturnType<typeof show>>["user"], menu: string, item: string) => {
  const bar = within(screen.getByRole("region", { name: "Selected rows" }));
  await user.click(bar.getByRole("button", { name: menu }));
  await user.click(await screen.findByRole("menuitem", { name: item }));
};

describe("everybody's records", () => {
  it("are read-only for those who may not correct them", async () => {
    await show(DESK);
    const row = within(await rowOf("user1"));
    expect(row.getByRole("button", { name: "Active" })).toBeDisabled();
    expect(row.queryByRole("checkbox")).toBeNull();
  });

  it("are corrected one by one", async () => {
    const { user } = await show(CORRECTOR);
    const row = within(await rowOf("user1"));
    await user.click(row.getByRole("button", { name: "1 tick" }));
    expect(row.getByRole("button", { name: "1 tick" })).toHaveAttribute("aria-pressed", "true");
    await waitFor(() =>
      expect(sent).toEqual([
        {
          path: "/api/my/marks",
          body: { marks: [{ record_id: "r-1", whatsapp_status: "ceklis1", version: 0 }] },
        },
      ]),
    );
  });

  it("are marked and judged many at once; what was not replaced says why", async () => {
    const { user } = await show(CORRECTOR);
    for (const name of ["user1", "user2"]) {
      await user.click(within(await rowOf(name)).getByRole("checkbox"));
    }
    await choose(user, "Reply", "Clear");
    expect(await screen.findByText("2 records changed")).toBeVisible();
    const marks = ["r-1", "r-2"].map((record_id) => ({ record_id, respond_status: null }));
    expect(sent).toEqual([{ path: "/api/my/marks", body: { marks } }]);

    for (const name of ["user1", "user2"]) {
      await user.click(within(await rowOf(name)).getByRole("checkbox"));
    }
    await choose(user, "Validation", "Invalid");
    await user.click(await screen.findByRole("button", { name: /Duplicate/ }));
    expect(await screen.findByText("1 replaced")).toBeInTheDocument();
    expect(screen.getByText("1 was not replaced")).toBeInTheDocument();
    expect(screen.getByText("The replacements allowed for this batch are used up.")).toBeInTheDocument();
    expect(sent[1]).toEqual({
      path: "/api/records/validate",
      body: { record_ids: ["r-1", "r-2"], is_valid: false, reason: "duplicate" },
    });
  });

  it("are narrowed by reason where they are invalid", async () => {
    const { user } = await show(DESK, "/customers?validation=invalid");
    await rowOf("user3");
    await user.selectOptions(await screen.findByRole("combobox", { name: "Reason" }), "duplicate");
    await waitFor(() => expect(asked.at(-1)?.get("reason")).toBe("duplicate"));
    expect(asked.at(-1)?.get("validation")).toBe("invalid");
  });
});

describe("two people and one field", () => {
  it("both values are shown and one is chosen", async () => {
    const bodies: { marks: unknown[] }[] = [];
    const conflict = {
      record_id: "r-1",
      field: "whatsapp_status",
      yours: "ada",
      theirs: "tidak",
      by_name: "Budi",
      at: "2025-03-01T02:00:00+00:00",
      version: 4,
    };
    server.use(
      http.get("/api/my/groups", () => listed([])),
      http.get("/api/my/records", () => listed([held(1)])),
      http.post("/api/my/marks", async ({ request }) => {
        const body = (await request.json()) as { marks: unknown[] };
        bodies.push(body);
        return HttpResponse.json(
          bodies.length === 1
            ? { records: [], conflicts: [conflict], missing: [] }
            : {
                records: [{ id: "r-1", version: 5, whatsapp_status: "ada", respond_status: null }],
                conflicts: [],
                missing: [],
              },
        );
      }),
    );
    const { user } = await show(STAFF_USER);
    const row = within(await rowOf("user1"));
    await user.keyboard("{ArrowDown}1");
    const panel = within(await screen.findByRole("alert", { name: "Changed by somebody else meanwhile" }));
    expect(panel.getByText(/Budi set “No WA” at 09:00, you chose “Active”/)).toBeVisible();
    expect(row.getByRole("button", { name: "No WA", pressed: true })).toBeVisible();
    await user.click(panel.getByRole("button", { name: "Use “Active”" }));
    expect(row.getByRole("button", { name: "Active", pressed: true })).toBeVisible();
    await waitFor(() =>
      expect(bodies[1]?.marks).toEqual([{ record_id: "r-1", whatsapp_status: "ada", version: 4 }]),
    );
    expect(screen.queryByRole("alert", { name: "Changed by somebody else meanwhile" })).toBeNull();
  });
});
