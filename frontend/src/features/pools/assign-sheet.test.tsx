import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { useState } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DATABASE, DESK, record, STAFF_CHOICES } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { AssignSheet } from "./assign-sheet";
import { POOLS } from "./descriptors";
import type { Picked } from "./record-bulk";
import type { Module, PoolDatabase, PoolRecord } from "./types";

const EXCLUDED = [
  { reason: "assigned", count: 200 },
  { reason: "reserved", count: 10 },
];
const ROOMS: Record<string, number | null> = { "s-1": null, "s-2": 5, "s-3": 0 };

function answerEligibility(module: Module, eligible = 1000) {
  server.use(
    http.get(`/api/pools/${module}/databases/d-1/eligibility`, ({ request }) => {
      const ids = new URL(request.url).searchParams.getAll("staff_id");
      return HttpResponse.json({
        eligible,
        excluded: EXCLUDED,
        staff: ids.map((id) => ({
          staff_id: id,
          staff_name: STAFF_CHOICES.find((choice) => choice.id === id)?.name,
          open_records: 7,
          capacity: ROOMS[id] === null ? null : 12,
          room: ROOMS[id],
        })),
      });
    }),
  );
}

function result(assigned: number, requested = assigned, more: Record<string, unknown> = {}) {
  return {
    operation_id: "op-1",
    requested_count: requested,
    assigned_count: assigned,
    excluded: [],
    per_staff: [{ staff_id: "s-1", staff_name: "Ana", assigned_count: assigned }],
    blocked_records: [],
    ...more,
  };
}

async function open(options: { module?: Module; picked?: Picked } = {}) {
  const module = options.module ?? "normal";
  const onClose = vi.fn();
  function Harness() {
    const [shown, setShown] = useState(true);
    return (
      shown && (
        <AssignSheet
          pool={POOLS[module]}
          database={DATABASE as unknown as PoolDatabase}
          picked={options.picked ?? null}
          onClose={() => {
            onClose();
            setShown(false);
          }}
        />
      )
    );
  }
  const view = await renderPage(() => <Harness />, { me: DESK });
  const dialog = await screen.findByRole("dialog", { name: "Assign records" });
  await within(dialog).findByRole("checkbox", { name: "Ana" });
  return { ...view, dialog: within(dialog), onClose };
}

beforeEach(() => {
  server.use(http.get("/api/staff-users", () => listed(STAFF_CHOICES)));
  answerEligibility("normal");
});

describe("before", () => {
  it("shows what is eligible, what is excluded and why", async () => {
    const { dialog } = await open();
    expect(await dialog.findByText("1,000")).toBeVisible();
    const reason = dialog.getByText("Reserved for somebody else").closest("li") as HTMLElement;
    expect(within(reason).getByText("10")).toBeVisible();
    expect(dialog.getByText("Already assigned")).toBeVisible();
  });

  it("shows what each staff holds, how much room is left, and offers nobody who is full", async () => {
    const { dialog } = await open();
    expect(dialog.getByText("room for 5")).toBeVisible();
    expect(dialog.getByText("full")).toBeVisible();
    expect(dialog.getByRole("checkbox", { name: "Citra" })).toBeDisabled();
  });

  it("plans equal shares within the room of each", async () => {
    const { dialog, user } = await open();
    await user.click(dialog.getByRole("checkbox", { name: "Ana" }));
    await user.click(dialog.getByRole("checkbox", { name: "Budi" }));
    const plan = () =>
      within(dialog.getByRole("heading", { name: "Who gets how many" }).closest("section") as HTMLElement);
    const share = (name: string) => plan().getByText(name).closest("li")?.lastChild?.textContent;
    expect([share("Ana"), share("Budi")]).toEqual(["45", "5"]);
    await user.clear(dialog.getByLabelText("How many"));
    await user.type(dialog.getByLabelText("How many"), "9");
    expect([share("Ana"), share("Budi")]).toEqual(["4–5", "4–5"]);
    expect(plan().getByText("Who gets one more is drawn by lot.")).toBeVisible();
  });

  it("says when more is asked for than there is", async () => {
    answerEligibility("normal", 12);
    const { dialog } = await open();
    expect(await dialog.findByText("Only 12 can be assigned now.")).toBeVisible();
  });

  it("asks the server about exactly those who are chosen", async () => {
    const asked: string[][] = [];
    server.use(
      http.get("/api/pools/normal/databases/d-1/eligibility", ({ request }) => {
        asked.push(new URL(request.url).searchParams.getAll("staff_id"));
        return HttpResponse.json({ eligible: 3, excluded: [], staff: [] });
      }),
    );
    const { dialog, user } = await open();
    await user.click(dialog.getByRole("checkbox", { name: "Budi" }));
    await waitFor(() => expect(asked).toContainEqual(["s-2"]));
    expect(asked[0]).toEqual(["s-1", "s-2", "s-3"]);
  });
});

describe("assigning", () => {
  it("refuses a bad quantity and a missing staff at their fields, without asking the server", async () => {
    const { dialog, user } = await open();
    await user.clear(dialog.getByLabelText("How many"));
    await user.type(dialog.getByLabelText("How many"), "0");
    await user.click(dialog.getByRole("button", { name: "Assign" }));
    expect(dialog.getByText("A whole number from 1 to 100,000.")).toBeVisible();
    expect(dialog.getByLabelText("How many")).toHaveAttribute("aria-invalid", "true");
    expect(dialog.getByText("Choose at least one staff.")).toBeVisible();
  });

  it("sends the choice with one key, tells who got what and offers the way back", async () => {
    const sent: { body: unknown; key: string | null }[] = [];
    const undone = vi.fn();
    server.use(
      http.post("/api/pools/normal/assign-random", async ({ request }) => {
        sent.push({ body: await request.json(), key: request.headers.get("Idempotency-Key") });
        return HttpResponse.json(result(20));
      }),
      http.post("/api/operations/op-1/undo", () => {
        undone();
        return HttpResponse.json({ operation_id: "op-2", undone_count: 20, skipped_count: 0 });
      }),
    );
    const { dialog, user, onClose } = await open();
    await user.clear(dialog.getByLabelText("How many"));
    await user.type(dialog.getByLabelText("How many"), "20");
    await user.click(dialog.getByRole("checkbox", { name: "Ana" }));
    await user.click(dialog.getByRole("button", { name: "Assign 20 records" }));
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(sent[0]?.body).toEqual({
      database_id: "d-1",
      staff_ids: ["s-1"],
      quantity: 20,
      allow_partial: false,
    });
    expect(sent[0]?.key).toMatch(/\S{16,}/);
    expect(await screen.findByText("20 records assigned")).toBeInTheDocument();
    expect(screen.getByText("Ana 20")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(undone).toHaveBeenCalledTimes(1));
    expect(await screen.findByText("20 records put back")).toBeInTheDocument();
  });

  it("keeps the key when the same click has to be tried again", async () => {
    const keys: (string | null)[] = [];
    server.use(
      http.post("/api/pools/normal/assign-random", ({ request }) => {
        keys.push(request.headers.get("Idempotency-Key"));
        return keys.length === 1 ? HttpResponse.error() : HttpResponse.json(result(50));
      }),
    );
    const { dialog, user, onClose } = await open();
    await user.click(dialog.getByRole("checkbox", { name: "Ana" }));
    await user.click(dialog.getByRole("button", { name: "Assign 50 records" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent(/cannot be reached|could not be reached/);
    await user.click(dialog.getByRole("button", { name: "Assign 50 records" }));
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });

  it("shows the server's refusal at the field it names", async () => {
    server.use(
      http.post("/api/pools/normal/assign-random", () =>
        problem(422, {
          code: "not_a_receiver",
          errors: [{ field: "staff_ids.0", message: "Ana is not active." }],
        }),
      ),
    );
    const { dialog, user, onClose } = await open();
    await user.click(dialog.getByRole("checkbox", { name: "Ana" }));
    await user.click(dialog.getByRole("button", { name: "Assign 50 records" }));
    expect(await dialog.findByText("Ana is not active.")).toBeVisible();
    expect(onClose).not.toHaveBeenCalled();
  });

  it("says how many there are when there are not enough, and nothing else changed", async () => {
    server.use(
      http.post("/api/pools/normal/assign-random", () =>
        problem(409, { code: "not_enough_eligible", eligible_count: 12 }),
      ),
    );
    const { dialog, user } = await open();
    await user.click(dialog.getByRole("checkbox", { name: "Ana" }));
    await user.click(dialog.getByRole("button", { name: "Assign 50 records" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("Only 12 records can be assigned now.");
  });

  it("stays open and explains when less was given than asked for", async () => {
    server.use(
      http.post("/api/pools/normal/assign-random", () =>
        HttpResponse.json(
          result(30, 50, {
            excluded: [{ reason: "no_room", count: 20 }],
            blocked_records: [{ record_id: "r-9", customer: "user9", reserved_by: "Budi" }],
          }),
        ),
      ),
    );
    const { dialog, user, onClose } = await open();
    await user.click(dialog.getByRole("checkbox", { name: "Ana" }));
    await user.click(dialog.getByRole("checkbox", { name: /Assign fewer/ }));
    await user.click(dialog.getByRole("button", { name: "Assign 50 records" }));
    const outcome = within(await screen.findByRole("dialog", { name: "Assigned in part" }));
    expect(outcome.getByText("30 of 50 records were assigned.")).toBeVisible();
    expect(outcome.getByText("No room at the staff chosen")).toBeVisible();
    expect(outcome.getByText("user9")).toBeVisible();
    expect(outcome.getByText("Reserved: Budi")).toBeVisible();
    expect(outcome.getByRole("button", { name: "Undo" })).toBeEnabled();
    expect(onClose).not.toHaveBeenCalled();
  });
});

describe("selected rows", () => {
  const rows = [record(1), record(2), record(3, { status: "assigned" })] as unknown as PoolRecord[];

  it("are what is sent; those that cannot be given are counted before", async () => {
    let body: unknown;
    server.use(
      http.post("/api/pools/normal/assign", async ({ request }) => {
        body = await request.json();
        return HttpResponse.json(result(3));
      }),
    );
    const clear = vi.fn();
    const { dialog, user } = await open({ picked: { ids: rows.map((row) => row.id), rows, clear } });
    expect(dialog.getByRole("radio", { name: "3 selected rows" })).toBeChecked();
    expect(dialog.getByText("Already assigned").closest("li")).toHaveTextContent("1");
    await user.click(dialog.getByRole("checkbox", { name: "Ana" }));
    await user.click(dialog.getByRole("button", { name: "Assign 3 records" }));
    await waitFor(() => expect(body).toEqual({ record_ids: ["r-1", "r-2", "r-3"], staff_ids: ["s-1"] }));
    await waitFor(() => expect(clear).toHaveBeenCalled());
  });
});

describe("batches", () => {
  it("of one staff can be added to where the module has such batches", async () => {
    answerEligibility("memberwd");
    let body: unknown;
    server.use(
      http.get("/api/pools/memberwd/databases/d-1/batches", ({ request }) =>
        new URL(request.url).searchParams.get("staff_id") === "s-1"
          ? listed([
              { id: "b-1", title: "Morning", record_count: 40, created_at: "2025-02-28T02:00:00+00:00" },
            ])
          : listed([]),
      ),
      http.post("/api/pools/memberwd/assign-random", async ({ request }) => {
        body = await request.json();
        return HttpResponse.json(result(50));
      }),
    );
    const { dialog, user } = await open({ module: "memberwd" });
    expect(dialog.queryByLabelText("Batch")).toBeNull();
    await user.click(dialog.getByRole("checkbox", { name: "Ana" }));
    await dialog.findByRole("option", { name: "Morning (40 records)" });
    await user.selectOptions(dialog.getByLabelText("Batch"), "b-1");
    await user.click(dialog.getByRole("button", { name: "Assign 50 records" }));
    await waitFor(() => expect(body).toMatchObject({ batch_id: "b-1", staff_ids: ["s-1"] }));
  });

  it("are not offered for several staff, nor in the other modules", async () => {
    const { dialog, user } = await open();
    await user.click(dialog.getByRole("checkbox", { name: "Ana" }));
    expect(dialog.queryByLabelText("Batch")).toBeNull();
  });
});
