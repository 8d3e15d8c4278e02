import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { SessionUser } from "@/api/session";
import { DESK, STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { problem, server } from "@/test/server";
import { FollowUpsPage } from "./follow-ups-page";
import { followUpsSearchSchema } from "./search";
import type { FollowUp } from "./types";

const RUNGS = { critical: [3, 9], high: [2, 4], medium: [1, 1], low: [0, 0] } as const;

const followUp = (number: number, urgency: FollowUp["urgency"], more: Partial<FollowUp> = {}): FollowUp => ({
  record_id: `r-${number}`,
  customer_display: `Person ${number}`,
  customer_id: `customer${number}`,
  customer_key: `customer${number}`,
  phone_e164: `+62812000000${number}`,
  product_id: "p-1",
  product_name: "Product A",
  database_id: "d-1",
  database_name: "June leads",
  staff_id: "s-1",
  staff_name: "Ana",
  row_data: {},
  respond_date: "2025-02-20",
  respond_at: "2025-02-20T02:00:00+00:00",
  days_since_response: RUNGS[urgency][1],
  reminder_level: RUNGS[urgency][0],
  reminder_label: "",
  urgency,
  urgency_color: "red",
  whatsapp_status: "ada",
  state: "open",
  note_count: 0,
  ...more,
});

const SUMMARY = {
  ...{ total: 4, critical: 1, high: 2, medium: 0, low: 1 },
  ...{ deposited: 5, snoozed: 1, done: 0, lost: 0 },
};
const BOOKER: SessionUser = { ...STAFF_USER, permissions: [...STAFF_USER.permissions, "deposits.book"] };

let asked: URLSearchParams[] = [];
let sent: { path: string; body: unknown }[] = [];

beforeEach(() => {
  asked = [];
  sent = [];
  server.use(
    http.get("/api/followups", ({ request }) => {
      const query = new URL(request.url).searchParams;
      asked.push(query);
      const followups =
        query.get("state") === "snoozed"
          ? [followUp(9, "low", { state: "snoozed", snoozed_until: "2025-03-09" })]
          : [followUp(1, "critical"), followUp(2, "high", { phone_e164: undefined }), followUp(3, "low")];
      return HttpResponse.json(
        { followups, summary: SUMMARY },
        { headers: { "X-Total-Count": String(followups.length) } },
      );
    }),
    http.get("/api/followups/filters", () =>
      HttpResponse.json({
        products: [{ id: "p-1", name: "Product A" }],
        databases: [{ id: "d-1", name: "June leads" }],
        staff: [{ id: "s-1", name: "Ana" }],
      }),
    ),
    http.post("/api/followups/:id/:verb", async ({ request, params }) => {
      sent.push({ path: `${params.id}/${params.verb}`, body: await request.json() });
      return HttpResponse.json(followUp(1, "critical"));
    }),
  );
});

const show = (me: SessionUser = BOOKER, url = "/follow-ups") =>
  renderPage(() => <FollowUpsPage />, { url, me, validateSearch: followUpsSearchSchema });

describe("the list", () => {
  it("says how urgent each one is, in words; a tile narrows it and the address keeps that", async () => {
    const { user, router } = await show();
    const row = within(await screen.findByRole("row", { name: /customer1/ }));
    expect(row.getByText("7+ days")).toBeVisible();
    const tile = screen.getByRole("button", { name: /^3\+ days/ });
    expect(tile).toHaveTextContent("2");
    await user.click(tile);
    await waitFor(() => expect(router.state.location.search).toEqual({ urgency: "high" }));
    expect(tile).toHaveAttribute("aria-pressed", "true");
    await waitFor(() => expect(asked.at(-1)?.get("urgency")).toBe("high"));
    await user.click(tile);
    await waitFor(() => expect(router.state.location.search).toEqual({}));
  });

  it("shows what became of the others, with their number", async () => {
    const { user } = await show();
    expect(await screen.findByRole("tab", { name: "Waiting 4" })).toBeVisible();
    expect(screen.getByRole("tab", { name: "Deposited 5" })).toBeVisible();
    await user.click(screen.getByRole("tab", { name: "Snoozed 1" }));
    expect(await screen.findByText(/^Until /)).toBeVisible();
    expect(asked.at(-1)?.get("state")).toBe("snoozed");
  });

  it("is everybody's for an admin, who may choose a person", async () => {
    const { user } = await show(DESK);
    const row = within(await screen.findByRole("row", { name: /customer1/ }));
    expect(row.getByText("Ana")).toBeVisible();
    await user.selectOptions(await screen.findByRole("combobox", { name: "Staff" }), "s-1");
    await waitFor(() => expect(asked.at(-1)?.get("staff_id")).toBe("s-1"));
  });

  it("leaves staff to themselves", async () => {
    await show();
    await screen.findByRole("row", { name: /customer1/ });
    expect(screen.queryByRole("combobox", { name: "Staff" })).toBeNull();
  });
});

describe("what to do about one", () => {
  it("is a key away: done with a way back, WhatsApp, snooze until a day", async () => {
    const opened = vi.spyOn(window, "open").mockReturnValue(null);
    const { user } = await show();
    (await screen.findByRole("row", { name: /customer1/ })).focus();
    await user.keyboard("o");
    expect(opened).toHaveBeenCalledWith(expect.stringContaining("628120000001"), "_blank", expect.anything());
    await user.keyboard("f");
    await waitFor(() => expect(sent).toEqual([{ path: "r-1/done", body: { outcome: "done" } }]));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(sent.at(-1)).toEqual({ path: "r-1/reopen", body: {} }));
    (await screen.findByRole("row", { name: /customer1/ })).focus();
    await user.keyboard("s");
    const sheet = within(await screen.findByRole("dialog"));
    await user.click(sheet.getByRole("button", { name: "In 3 days" }));
    await user.click(sheet.getByRole("button", { name: "Snooze" }));
    await waitFor(() => expect(sent.at(-1)?.path).toBe("r-1/snooze"));
    expect(sent.at(-1)?.body).toEqual({ until: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) });
    opened.mockRestore();
  });

  it("offers no WhatsApp without a number, and no deposit to whoever may book none", async () => {
    await show(STAFF_USER);
    const row = within(await screen.findByRole("row", { name: /customer2/ }));
    expect(row.queryByRole("link", { name: /WhatsApp/i })).toBeNull();
    expect(row.queryByRole("button", { name: "Record deposit" })).toBeNull();
  });

  it("says why a snooze was refused at its field", async () => {
    server.use(
      http.post("/api/followups/:id/snooze", () =>
        problem(422, {
          code: "invalid_input",
          errors: [{ field: "until", message: "Choose a day after today.", code: "snooze_not_later" }],
        }),
      ),
    );
    const { user } = await show();
    (await screen.findByRole("row", { name: /customer1/ })).focus();
    await user.keyboard("s");
    const sheet = within(await screen.findByRole("dialog"));
    await user.click(sheet.getByRole("button", { name: "Snooze" }));
    expect(await sheet.findByText("Choose a day after today.")).toBeVisible();
  });

  it("records a deposit of that customer and product", async () => {
    const bodies: unknown[] = [];
    server.use(
      http.post("/api/omset/preview", () =>
        HttpResponse.json({ rows: [{ errors: [], possible_duplicate: false, customer_type: "NDP" }] }),
      ),
      http.post("/api/omset", async ({ request }) => {
        bodies.push(await request.json());
        return HttpResponse.json({ id: "o-1", approval_status: "approved" });
      }),
    );
    const { user } = await show();
    (await screen.findByRole("row", { name: /customer1/ })).focus();
    await user.keyboard("d");
    const sheet = within(await screen.findByRole("dialog"));
    await user.click(sheet.getByRole("button", { name: "Book" }));
    expect(bodies).toEqual([]);
    await user.type(sheet.getByRole("textbox", { name: "Amount" }), "250.000");
    await user.click(sheet.getByRole("button", { name: "Book" }));
    await waitFor(() =>
      expect(bodies).toEqual([
        expect.objectContaining({ customer_id: "customer1", product_id: "p-1", nominal: 250_000 }),
      ]),
    );
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});
