import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { server } from "@/test/server";
import { ANA, APPROVED, answer, asked, MASTER, NO_EFFECTS, reservation, show } from "./fixtures";

beforeEach(answer);

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
