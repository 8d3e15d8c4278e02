import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { problem, server } from "@/test/server";
import { ADMIN, deposit, seen, show, withDepositDesk } from "./test-desk";
import type { BookForm } from "./types";

withDepositDesk();

describe("entering a day", () => {
  it("books rows by keyboard alone, says the class and why before, and begins the next row at once", async () => {
    const { user } = await show();
    const customer = await screen.findByRole("combobox", { name: "Customer" });
    await user.click(customer);
    await user.keyboard("alice");
    expect(
      await screen.findByText("First day of this customer with this staff for this product"),
    ).toBeVisible();
    expect(seen.booked).toEqual([]);
    await user.keyboard("{Enter}100000{Enter}");
    expect(customer).toHaveFocus();
    expect(customer).toHaveValue("");
    await user.keyboard("bob{Enter}250.000{Tab}2{Tab}depo TAMBAHAN{Enter}");
    await waitFor(() => expect(seen.booked).toHaveLength(2));
    expect(seen.booked.map(({ form }) => form)).toEqual([
      {
        product_id: "p-1",
        record_date: "2025-03-01",
        customer_id: "alice",
        nominal: 100_000,
        depo_kelipatan: 1,
      },
      {
        product_id: "p-1",
        record_date: "2025-03-01",
        customer_id: "bob",
        nominal: 250_000,
        depo_kelipatan: 2,
        keterangan: "depo TAMBAHAN",
        tambahan: true,
      },
    ]);
    expect(new Set(seen.booked.map(({ key }) => key)).size).toBe(2);
    expect(screen.getByRole("textbox", { name: "Amount" })).toHaveValue("");
  });

  it("goes to what is missing instead of booking half a row", async () => {
    const { user } = await show();
    await user.click(await screen.findByRole("combobox", { name: "Customer" }));
    await user.keyboard("alice{Enter}{Enter}");
    expect(screen.getByRole("textbox", { name: "Amount" })).toHaveFocus();
    expect(screen.getByText("An amount above 0, such as 100,000.")).toBeVisible();
    expect(seen.booked).toEqual([]);
  });

  it("offers known customers; arrows and Enter take one with its name", async () => {
    const { user } = await show();
    await user.click(await screen.findByRole("combobox", { name: "Customer" }));
    await user.keyboard("al");
    expect(await screen.findByRole("option", { name: /^alice/ })).toBeVisible();
    await user.keyboard("{ArrowDown}{Enter}");
    expect(screen.getByRole("combobox", { name: "Customer" })).toHaveValue("alice");
    expect(screen.getByRole("textbox", { name: "Name" })).toHaveValue("Alice");
    expect(screen.getByRole("textbox", { name: "Amount" })).toHaveFocus();
  });

  it("asks before it sends what was booked a moment ago, and goes on meanwhile", async () => {
    seen.previewOf = () => ({
      possible_duplicate: true,
      customer_type: "NDP",
      reason: "first_day",
      errors: [],
    });
    const { user } = await show();
    await user.click(await screen.findByRole("combobox", { name: "Customer" }));
    await user.keyboard("alice{Enter}5000{Enter}");
    const row = await screen.findByTestId("unsaved");
    expect(await within(row).findByText(/booked less than a minute ago/)).toBeVisible();
    expect(seen.booked).toEqual([]);
    await user.click(within(row).getByRole("button", { name: "Book it as well" }));
    await waitFor(() => expect(seen.booked).toHaveLength(1));
    await waitFor(() => expect(screen.queryByTestId("unsaved")).toBeNull());
  });

  it("keeps what is refused, says why, and gives it back to be corrected", async () => {
    server.use(
      http.post("/api/omset", () =>
        problem(422, {
          code: "invalid",
          errors: [{ field: "record_date", message: "The books are closed." }],
        }),
      ),
    );
    const { user } = await show();
    await user.click(await screen.findByRole("combobox", { name: "Customer" }));
    await user.keyboard("alice{Enter}5000{Enter}");
    const row = await screen.findByTestId("unsaved");
    expect(await within(row).findByText("The books are closed.")).toBeVisible();
    await user.click(within(row).getByRole("button", { name: "Correct" }));
    expect(screen.getByRole("combobox", { name: "Customer" })).toHaveValue("alice");
    expect(screen.queryByTestId("unsaved")).toBeNull();
  });

  it("warns that a reserved customer's deposit will wait", async () => {
    seen.previewOf = () => ({
      approval_status: "pending",
      customer_type: "NDP",
      reason: "first_day",
      possible_duplicate: false,
      errors: [],
    });
    const { user } = await show();
    await user.type(await screen.findByRole("combobox", { name: "Customer" }), "alice");
    expect(await screen.findByText("Will wait: somebody else has reserved this customer")).toBeVisible();
  });

  it("an admin enters for somebody else, and sees that person's day", async () => {
    const { user } = await show("/omset?date=2025-02-10&product_id=p-2", ADMIN);
    await screen.findByRole("option", { name: "Ana" });
    await user.selectOptions(screen.getByLabelText("For"), "Ana");
    await user.type(screen.getByRole("combobox", { name: "Customer" }), "carol{Enter}7{Enter}");
    await waitFor(() =>
      expect(seen.booked[0]?.form).toMatchObject({
        staff_id: "s-1",
        product_id: "p-2",
        record_date: "2025-02-10",
      }),
    );
    expect(seen.asked.at(-1)?.get("staff_id")).toBe("s-1");
    expect(seen.asked.at(-1)?.get("record_date")).toBe("2025-02-10");
  });
});

describe("the day", () => {
  it("can be typed: days on the way to a year are kept in the field and not asked for", async () => {
    const { router } = await show();
    const day = await screen.findByLabelText("Day");
    await waitFor(() => expect(day).toHaveValue("2025-03-01"));
    fireEvent.change(day, { target: { value: "0002-02-10" } });
    expect(day).toHaveValue("0002-02-10");
    expect(router.state.location.search).toEqual({});
    fireEvent.change(day, { target: { value: "2025-02-10" } });
    await waitFor(() => expect(router.state.location.search).toEqual({ date: "2025-02-10" }));
    fireEvent.change(day, { target: { value: "2025-03-02" } });
    expect(router.state.location.search).toEqual({ date: "2025-02-10" });
  });
});

describe("pasting rows", () => {
  it("checks them all before, leaves out what repeats or cannot be read, and says what became of the rest", async () => {
    const { user } = await show();
    await user.click(await screen.findByRole("combobox", { name: "Customer" }));
    await user.paste(
      "alice\tAlice\t100.000\t\t\nbob\t\tbanana\t\t\nalice\tAlice\t100.000\t\t\ncarol\t\t5000\t2\tdepo tambahan",
    );
    const sheet = await screen.findByRole("dialog");
    await user.click(await within(sheet).findByRole("button", { name: "Book 2 deposits" }));
    expect(await screen.findByText("2 deposits booked")).toBeVisible();
    expect(seen.booked.map(({ form }) => [form.customer_id, form.nominal, form.tambahan])).toEqual([
      ["alice", 100_000, undefined],
      ["carol", 5000, true],
    ]);
    // One question for all of them.
    expect(seen.previews.filter((rows) => rows.length === 3)).toHaveLength(1);
  });

  it("names the rows that were refused and why, and tries only those again", async () => {
    let refuse = true;
    seen.becomes = ({ customer_id }) =>
      customer_id === "bob" && refuse
        ? { errors: [{ field: "record_date", message: "Closed.", code: "closed_day", params: {} }] }
        : { deposit: deposit(customer_id), errors: [] };
    const { user } = await show();
    await user.click(await screen.findByRole("combobox", { name: "Customer" }));
    await user.paste("alice\t\t1000\nbob\t\t2000");
    const sheet = await screen.findByRole("dialog");
    await user.click(await within(sheet).findByRole("button", { name: "Book 2 deposits" }));
    expect(await screen.findByText("1 row was not booked")).toBeVisible();
    expect(screen.getByText(/^2\. bob/)).toBeVisible();
    refuse = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("2 deposits booked")).toBeVisible();
    expect(seen.booked.map(({ form }) => form.customer_id)).toEqual(["alice", "bob", "bob"]);
    // What was answered is another request now.
    expect(seen.booked[2]?.key).not.toBe(seen.booked[1]?.key);
  });

  it("sends rows that were left without an answer again as they were: they may have been booked", async () => {
    const sent: { rows: BookForm[]; key: string | null }[] = [];
    server.use(
      http.post("/api/omset/rows", async ({ request }) => {
        const { rows } = (await request.json()) as { rows: BookForm[] };
        sent.push({ rows, key: request.headers.get("Idempotency-Key") });
        if (sent.length === 1) return problem(503, { code: "busy" });
        return HttpResponse.json({ rows: rows.map(seen.becomes) });
      }),
    );
    const { user } = await show();
    await user.click(await screen.findByRole("combobox", { name: "Customer" }));
    await user.paste(Array.from({ length: 51 }, (_, number) => `c${number}\t\t1000`).join("\n"));
    const sheet = await screen.findByRole("dialog");
    await user.click(await within(sheet).findByRole("button", { name: "Book 51 deposits" }));
    expect(await screen.findByText("50 rows were not booked")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("51 deposits booked")).toBeVisible();
    expect(sent.map(({ rows }) => rows.length)).toEqual([50, 1, 50]);
    expect(sent[2]).toEqual(sent[0]);
  });
});
