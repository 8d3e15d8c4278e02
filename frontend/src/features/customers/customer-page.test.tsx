import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { record, STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { CustomerPage } from "./customer-page";

const held = (number: number, more: Record<string, unknown>) =>
  record(number, {
    status: "assigned",
    assigned_to: "s-1",
    assigned_to_name: "Ana",
    assigned_at: "2025-02-28T02:00:00+00:00",
    database_id: `d-${number}`,
    module: "memberwd",
    product_id: "p-1",
    product_name: "Product A",
    version: 0,
    note_count: 0,
    ...more,
  });
const CUSTOMER = {
  customer_key: "user1",
  display_name: "Customer 1",
  phones: ["+628120000000"],
  reservation: { state: "taken" },
  records: [
    held(1, { database_name: "June leads" }),
    held(2, { database_name: "Prize draw", module: "bonanza", status: "invalid_archived" }),
  ],
  timeline: [
    {
      at: "2025-02-28T03:00:00+00:00",
      record_id: "r-1",
      actor_name: "Ana",
      kind: "whatsapp_status",
      to: "ceklis1",
    },
    {
      at: "2025-02-28T04:00:00+00:00",
      record_id: "r-2",
      actor_name: "Ana",
      kind: "note",
      text: "Call later",
    },
  ],
};

let marked: unknown[] = [];

beforeEach(() => {
  marked = [];
  server.use(
    http.get("/api/customers/:key", ({ params }) =>
      params.key === "user1" ? HttpResponse.json(CUSTOMER) : problem(404, { code: "not_found" }),
    ),
    http.get("/api/records/:id/notes", () => listed([])),
    http.post("/api/my/marks", async ({ request }) => {
      marked.push(await request.json());
      return HttpResponse.json({ records: [], conflicts: [], missing: [] });
    }),
  );
});

const show = (name = "user1") => renderPage(() => <CustomerPage name={name} />, { me: STAFF_USER });
const cards = async () => (await screen.findAllByTestId("customer-record")).map((card) => within(card));

describe("the customer page", () => {
  it("shows every record, whose the customer is, and what happened where", async () => {
    await show();
    expect(await screen.findByRole("heading", { level: 1, name: "Customer 1" })).toBeVisible();
    // A customer's name is personal: it does not stand in the browser's history.
    expect(document.title).toBe("Customer · CRM Boost");
    expect(screen.getByText("Reserved")).toBeVisible();
    expect(screen.getByRole("link", { name: /WhatsApp/ })).toHaveAttribute(
      "href",
      "https://wa.me/628120000000",
    );
    expect(screen.getByText(/not set → 1 tick/)).toBeVisible();
    expect(screen.getByText("Call later")).toBeVisible();
    expect(screen.getByText(/Ana · Prize draw/)).toBeVisible();
  });

  it("one's own records are marked here too, archived ones are not", async () => {
    const { user } = await show();
    const [own, archived] = await cards();
    expect(archived?.getByRole("button", { name: "Active" })).toBeDisabled();
    expect(archived?.queryByRole("textbox")).toBeNull();
    await user.click(own?.getByRole("button", { name: "Active" }) as HTMLElement);
    expect(own?.getByRole("button", { name: "Active", pressed: true })).toBeVisible();
    await waitFor(() =>
      expect(marked).toEqual([{ marks: [{ record_id: "r-1", whatsapp_status: "ada", version: 0 }] }]),
    );
  });

  it("of somebody that one may see nothing of there is no page", async () => {
    await show("nobody");
    expect(await screen.findByText("404")).toBeVisible();
  });
});
