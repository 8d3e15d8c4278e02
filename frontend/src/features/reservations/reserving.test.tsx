import { screen, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { problem, server } from "@/test/server";
import { ADMIN, ANA, answer, asked, NO_EFFECTS, reservation, show } from "./fixtures";

beforeEach(answer);

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
