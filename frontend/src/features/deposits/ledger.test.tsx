import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { listed, problem, server } from "@/test/server";
import { ADMIN, deposit, detail, seen, show, withDepositDesk } from "./test-desk";

withDepositDesk();

describe("the ledger", () => {
  it("asks the server with the filters of the address, and exports with the same", async () => {
    const { user } = await show("/omset?tab=ledger&start_date=2025-02-01&status=pending&type=RDP", ADMIN);
    expect(await screen.findByText("customer-d-1")).toBeVisible();
    expect(Object.fromEntries(seen.asked[0] ?? [])).toMatchObject({
      start_date: "2025-02-01",
      status: "pending",
      customer_type: "RDP",
    });
    const counted: unknown[] = [];
    server.use(
      http.post("/api/exports/preview", async ({ request }) => {
        counted.push(await request.json());
        return HttpResponse.json({ rows: 1 });
      }),
    );
    await user.click(screen.getByRole("button", { name: "Export" }));
    expect(
      await screen.findByText("The file has what the list shows with 3 filters, all pages of it."),
    ).toBeVisible();
    await waitFor(() =>
      expect(counted).toEqual([
        { kind: "omset", filters: { start_date: "2025-02-01", status: "pending", customer_type: "RDP" } },
      ]),
    );
  });

  it("shows staff why a deposit was declined", async () => {
    server.use(
      http.get("/api/omset", () =>
        listed([
          deposit("d-4", {
            approval_status: "declined",
            customer_type: null,
            decline_reason: "Belongs to Budi",
          }),
        ]),
      ),
    );
    await show("/omset?tab=ledger&status=all");
    expect(await screen.findByText("Reason: Belongs to Budi")).toBeVisible();
    expect(within(screen.getByTestId("row")).getByText("Declined")).toBeVisible();
  });

  it("explains the class and shows what corrections changed, in names and figures", async () => {
    await show("/omset?tab=ledger&open=d-1", ADMIN);
    const sheet = await screen.findByRole("dialog");
    expect(await within(sheet).findByText("The first day was 7 Feb 2025")).toBeVisible();
    expect(within(sheet).getByText("Amount: 50,000 → 100,000")).toBeVisible();
    expect(await within(sheet).findByText("Product: Product B → Product A")).toBeVisible();
  });

  it("corrects only what is different, with the version that was seen", async () => {
    let sent: unknown;
    server.use(
      http.put("/api/omset/d-1", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json(deposit("d-1"));
      }),
    );
    const { user } = await show("/omset?tab=ledger&open=d-1&panel=edit");
    const amount = await screen.findByRole("textbox", { name: "Amount" });
    expect(screen.queryByLabelText("Day")).toBeNull();
    await user.clear(amount);
    await user.type(amount, "1.500.000");
    await user.type(screen.getByRole("textbox", { name: /Note/ }), "depo tambahan");
    expect(screen.getByRole("switch", { name: "Supplementary" })).toBeChecked();
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(sent).toEqual({ version: 3, nominal: 1_500_000, keterangan: "depo tambahan", tambahan: true }),
    );
  });

  it("does not overwrite what somebody else has changed while it was being corrected", async () => {
    const sent: unknown[] = [];
    let version = 3;
    server.use(
      http.get("/api/omset/d-1", () =>
        HttpResponse.json(detail(deposit("d-1", { version, nominal: version * 1000 }))),
      ),
      http.put("/api/omset/d-1", async ({ request }) => {
        sent.push(await request.json());
        version = 4;
        return problem(409, { code: "stale_transition" });
      }),
    );
    const { user } = await show("/omset?tab=ledger&open=d-1&panel=edit");
    await user.type(await screen.findByRole("textbox", { name: /Note/ }), "late");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("This has moved on meanwhile; nothing was changed.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]).toEqual({ version: 3, keterangan: "late", tambahan: false });
  });

  it("asks staff before deleting; an admin can take it back", async () => {
    const calls: string[] = [];
    server.use(
      http.delete("/api/omset/d-1", () => {
        calls.push("delete");
        return HttpResponse.json({ message: "", deleted_id: "d-1", can_restore: true });
      }),
      http.post("/api/omset/restore/d-1", () => {
        calls.push("restore");
        return HttpResponse.json(deposit("d-1"));
      }),
    );
    const staff = await show("/omset?tab=ledger");
    await staff.user.click(await screen.findByRole("button", { name: "Actions for customer-d-1" }));
    await staff.user.click(screen.getByRole("menuitem", { name: "Delete" }));
    expect(await screen.findByText(/An admin can restore it within 30 days/)).toBeVisible();
    expect(calls).toEqual([]);
    staff.unmount();

    const admin = await show("/omset?tab=ledger", ADMIN);
    await admin.user.click(await screen.findByRole("button", { name: "Actions for customer-d-1" }));
    await admin.user.click(screen.getByRole("menuitem", { name: "Delete" }));
    await admin.user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(calls).toEqual(["delete", "restore"]));
  });
});
