import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { problem, server } from "@/test/server";
import { deposit, MASTER, review, WAITING, withDepositDesk } from "./test-desk";

withDepositDesk();

describe("review", () => {
  it("says why a deposit waits, and declines it with a reason", async () => {
    let reason: unknown;
    server.use(
      http.post("/api/omset/d-2/decline", async ({ request }) => {
        reason = await request.json();
        return HttpResponse.json({ success: true, ...WAITING });
      }),
    );
    const { user } = await review();
    expect((await screen.findAllByText("Reserved by Budi")).length).toBe(2);
    expect(await screen.findByRole("tab", { name: "Waiting 2" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Actions for customer-d-2" }));
    await user.click(screen.getByRole("menuitem", { name: "Decline" }));
    await user.type(await screen.findByRole("textbox", { name: /Reason/ }), "Belongs to Budi");
    await user.click(screen.getByRole("button", { name: "Decline" }));
    await waitFor(() => expect(reason).toEqual({ reason: "Belongs to Budi" }));
  });

  it("approves several at once, each for itself, and shows those that somebody else has decided", async () => {
    server.use(
      http.post("/api/omset/d-2/approve", () => HttpResponse.json({ success: true, ...WAITING })),
      http.post("/api/omset/d-3/approve", () => problem(400, { code: "stale_transition" })),
    );
    const { user } = await review();
    await screen.findByText("second");
    await user.click(screen.getByRole("checkbox", { name: "Select all rows of this page" }));
    await user.click(
      within(screen.getByRole("region", { name: "Selected rows" })).getByRole("button", { name: "Approve" }),
    );
    await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Approve" }));
    expect(await screen.findByText("1 of 2 done.")).toBeVisible();
    expect(screen.getByText("This has moved on meanwhile; nothing was changed.")).toBeVisible();
  });

  it("the trash is emptied only by who may, after the word", async () => {
    let emptied = 0;
    server.use(
      http.get("/api/omset/trash", () =>
        HttpResponse.json(
          {
            records: [deposit("d-9", { deleted_at: "2025-02-28T01:00:00+00:00", deleted_by_name: "Ana" })],
            count: 1,
          },
          { headers: { "X-Total-Count": "1" } },
        ),
      ),
      http.delete("/api/omset/trash", () => {
        emptied += 1;
        return HttpResponse.json({ message: "", deleted_count: 1 });
      }),
    );
    const first = await review("/omset/review?tab=trash");
    expect(await screen.findByText("customer-d-9")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Empty the trash" })).toBeNull();
    first.unmount();
    const { user } = await review("/omset/review?tab=trash", MASTER);
    await user.click(await screen.findByRole("button", { name: "Empty the trash" }));
    const dialog = await screen.findByRole("alertdialog");
    const confirm = within(dialog).getByRole("button", { name: "Empty the trash" });
    expect(confirm).toBeDisabled();
    await user.type(within(dialog).getByRole("textbox"), "delete");
    await user.click(confirm);
    await waitFor(() => expect(emptied).toBe(1));
  });

  it("customers of several staff are shown with what each of them booked", async () => {
    server.use(
      http.get("/api/omset/duplicates", () =>
        HttpResponse.json({
          total_duplicates: 1,
          total_records_involved: 3,
          duplicates: [
            {
              customer_key: "x",
              customer_id: "x",
              product_id: "p-1",
              product_name: "Product A",
              staff_count: 2,
              record_count: 3,
              total_depo: 300_000,
              staff: [
                { staff_id: "s-1", staff_name: "Ana", record_count: 1, total_depo: 100_000 },
                { staff_id: "s-2", staff_name: "Budi", record_count: 2, total_depo: 200_000 },
              ],
            },
          ],
        }),
      ),
    );
    await review("/omset/review?tab=duplicates");
    expect(await screen.findByText("2 forms · 200,000")).toBeVisible();
    expect(screen.getByText(/1 customer has deposits of several staff: 3 forms/)).toBeVisible();
  });
});
