import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { SessionUser } from "@/api/session";
import { DESK, PRODUCTS, STAFF_CHOICES, STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { ClosedBooks } from "./closed-books";
import { CustomerDeposits } from "./customer-deposits";
import { OmsetPage } from "./omset-page";
import { Recalculate } from "./recalculate";
import { ReviewPage } from "./review-page";
import { depositsSearchSchema, reviewSearchSchema } from "./search";
import type { BookForm, Deposit, DepositDetail, PreviewRow, Recalculation, Summary } from "./types";

const ANA: SessionUser = { ...STAFF_USER, permissions: [...STAFF_USER.permissions, "deposits.book"] };
const ADMIN: SessionUser = {
  ...DESK,
  permissions: [...DESK.permissions, "deposits.book", "deposits.manage", "exports.make"],
};
const MASTER: SessionUser = { ...ADMIN, permissions: [...ADMIN.permissions, "trash.empty"] };

const deposit = (id: string, patch: Partial<Deposit> = {}): Deposit => ({
  id,
  product_id: "p-1",
  product_name: "Product A",
  staff_id: "s-1",
  staff_name: "Ana",
  record_date: "2025-03-01",
  customer_id: `customer-${id}`,
  customer_key: `customer-${id}`,
  nominal: 100_000,
  depo_kelipatan: 1,
  depo_total: 100_000,
  keterangan: "",
  tambahan: false,
  customer_type: "NDP",
  approval_status: "approved",
  possible_duplicate: false,
  created_at: "2025-03-01T01:00:00+00:00",
  created_by_name: "Ana",
  version: 3,
  ...patch,
});

const WAITING = deposit("d-2", {
  customer_type: null,
  approval_status: "pending",
  conflict_info: { reserved_by_staff_id: "s-2", reserved_by_staff_name: "Budi", reason: "reserved_by_other" },
});

const detail = (row: Deposit): DepositDetail => ({
  ...row,
  explanation: {
    customer_type: row.customer_type,
    reason: row.customer_type ? "after_first_day" : "does_not_count",
    staff_id: "s-1",
    staff_name: "Ana",
    customer_key: row.customer_key,
    product_id: "p-1",
    product_name: "Product A",
    first_date: "2025-02-07",
    decided_by: {
      id: "d-0",
      record_date: "2025-02-07",
      created_at: "2025-02-09T01:00:00+00:00",
      created_by_name: "Ana",
    },
  },
  events: [
    {
      at: "2025-03-01T01:00:00+00:00",
      actor_name: "Ana",
      kind: "book",
      detail: {},
      from_status: null,
      to_status: "approved",
    },
    {
      at: "2025-03-01T02:00:00+00:00",
      actor_name: "Master",
      kind: "edit",
      from_status: "approved",
      to_status: "approved",
      detail: { nominal: { from: "50000", to: "100000.00" }, product_id: { from: "p-2", to: "p-1" } },
    },
  ],
});

const SUMMARY: Summary = {
  total: {
    total_nominal: 900_000,
    total_depo: 1_200_000,
    total_records: 5,
    total_ndp: 2,
    total_rdp: 1,
    ndp_total: 800_000,
    rdp_total: 400_000,
  },
  daily: [],
  by_staff: [],
  by_product: [],
  unique_customers: [{ staff_id: "s-1", staff_name: "Ana", unique_ndp_count: 2, unique_rdp_count: 1 }],
};

let previews: BookForm[][] = [];
let booked: { form: BookForm; key: string | null }[] = [];
let asked: URLSearchParams[] = [];
let previewOf: (form: BookForm) => PreviewRow = () => ({
  customer_type: "NDP",
  reason: "first_day",
  approval_status: "approved",
  possible_duplicate: false,
  errors: [],
});

beforeEach(() => {
  previews = [];
  booked = [];
  asked = [];
  window.localStorage.clear();
  previewOf = ({ tambahan }) => ({
    customer_type: tambahan ? "RDP" : "NDP",
    reason: tambahan ? "tambahan" : "first_day",
    approval_status: "approved",
    possible_duplicate: false,
    errors: [],
  });
  server.use(
    http.get("/api/staff-users", () => listed(STAFF_CHOICES)),
    http.get("/api/products", () => listed(PRODUCTS)),
    http.get("/api/my/records", () => listed([])),
    http.get("/api/omset/customers", () =>
      HttpResponse.json([
        {
          customer_id: "alice",
          customer_name: "Alice",
          customer_key: "alice",
          last_date: "2025-02-07",
          forms: 2,
        },
      ]),
    ),
    http.get("/api/omset/summary", () => HttpResponse.json(SUMMARY)),
    http.get("/api/omset/pending", () =>
      listed([WAITING, deposit("d-3", { ...WAITING, id: "d-3", customer_id: "second" })]),
    ),
    http.get("/api/omset", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return listed([deposit("d-1")]);
    }),
    http.get("/api/omset/d-1", () => HttpResponse.json(detail(deposit("d-1", { customer_type: "RDP" })))),
    http.post("/api/omset/preview", async ({ request }) => {
      const { rows } = (await request.json()) as { rows: BookForm[] };
      previews.push(rows);
      return HttpResponse.json({ rows: rows.map(previewOf) });
    }),
    http.post("/api/omset", async ({ request }) => {
      const form = (await request.json()) as BookForm;
      booked.push({ form, key: request.headers.get("Idempotency-Key") });
      return HttpResponse.json(deposit(`new-${booked.length}`, { customer_id: form.customer_id }));
    }),
  );
});

const show = (url = "/omset", me = ANA) =>
  renderPage(() => <OmsetPage />, { url, me, validateSearch: depositsSearchSchema });
const review = (url = "/omset/review", me = ADMIN) =>
  renderPage(() => <ReviewPage />, { url, me, validateSearch: reviewSearchSchema });

describe("entering a day", () => {
  it("books rows by keyboard alone, says the class and why before, and begins the next row at once", async () => {
    const { user } = await show();
    const customer = await screen.findByRole("combobox", { name: "Customer" });
    await user.click(customer);
    await user.keyboard("alice");
    expect(
      await screen.findByText("First day of this customer with this staff for this product"),
    ).toBeVisible();
    expect(booked).toEqual([]);
    await user.keyboard("{Enter}100000{Enter}");
    expect(customer).toHaveFocus();
    expect(customer).toHaveValue("");
    await user.keyboard("bob{Enter}250.000{Tab}2{Tab}depo TAMBAHAN{Enter}");
    await waitFor(() => expect(booked).toHaveLength(2));
    expect(booked.map(({ form }) => form)).toEqual([
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
    expect(new Set(booked.map(({ key }) => key)).size).toBe(2);
    expect(screen.getByRole("textbox", { name: "Amount" })).toHaveValue("");
  });

  it("goes to what is missing instead of booking half a row", async () => {
    const { user } = await show();
    await user.click(await screen.findByRole("combobox", { name: "Customer" }));
    await user.keyboard("alice{Enter}{Enter}");
    expect(screen.getByRole("textbox", { name: "Amount" })).toHaveFocus();
    expect(screen.getByText("An amount above 0, such as 100,000.")).toBeVisible();
    expect(booked).toEqual([]);
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
    previewOf = () => ({ possible_duplicate: true, customer_type: "NDP", reason: "first_day", errors: [] });
    const { user } = await show();
    await user.click(await screen.findByRole("combobox", { name: "Customer" }));
    await user.keyboard("alice{Enter}5000{Enter}");
    const row = await screen.findByTestId("unsaved");
    expect(await within(row).findByText(/booked less than a minute ago/)).toBeVisible();
    expect(booked).toEqual([]);
    await user.click(within(row).getByRole("button", { name: "Book it as well" }));
    await waitFor(() => expect(booked).toHaveLength(1));
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
    previewOf = () => ({
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
      expect(booked[0]?.form).toMatchObject({
        staff_id: "s-1",
        product_id: "p-2",
        record_date: "2025-02-10",
      }),
    );
    expect(asked.at(-1)?.get("staff_id")).toBe("s-1");
    expect(asked.at(-1)?.get("record_date")).toBe("2025-02-10");
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
    expect(booked.map(({ form }) => [form.customer_id, form.nominal, form.tambahan])).toEqual([
      ["alice", 100_000, undefined],
      ["carol", 5000, true],
    ]);
    // One question for all of them.
    expect(previews.filter((rows) => rows.length === 3)).toHaveLength(1);
  });

  it("names the rows that were refused, and tries only those again, with their keys", async () => {
    let refuse = true;
    server.use(
      http.post("/api/omset", async ({ request }) => {
        const form = (await request.json()) as BookForm;
        booked.push({ form, key: request.headers.get("Idempotency-Key") });
        if (form.customer_id === "bob" && refuse) return problem(503, { code: "busy" });
        return HttpResponse.json(deposit(form.customer_id));
      }),
    );
    const { user } = await show();
    await user.click(await screen.findByRole("combobox", { name: "Customer" }));
    await user.paste("alice\t\t1000\nbob\t\t2000");
    const sheet = await screen.findByRole("dialog");
    await user.click(await within(sheet).findByRole("button", { name: "Book 2 deposits" }));
    expect(await screen.findByText("1 row was not booked")).toBeVisible();
    refuse = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("2 deposits booked")).toBeVisible();
    expect(booked.map(({ form }) => form.customer_id)).toEqual(["alice", "bob", "bob"]);
    expect(booked[2]?.key).toBe(booked[1]?.key);
  });
});

describe("the ledger", () => {
  it("asks the server with the filters of the address, and exports with the same", async () => {
    const { user } = await show("/omset?tab=ledger&start_date=2025-02-01&status=pending&type=RDP", ADMIN);
    expect(await screen.findByText("customer-d-1")).toBeVisible();
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
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

describe("figures and rules", () => {
  it("the summary is of this month of the business day, unless days are named", async () => {
    const ranges: string[] = [];
    server.use(
      http.get("/api/omset/summary", ({ request }) => {
        const query = new URL(request.url).searchParams;
        ranges.push(`${query.get("start_date")}..${query.get("end_date")}`);
        return HttpResponse.json(SUMMARY);
      }),
    );
    const { user, router } = await show("/omset?tab=summary");
    expect(await screen.findByText("1,200,000")).toBeVisible();
    expect(screen.getByText("800,000 · 2 different customers")).toBeVisible();
    await user.selectOptions(screen.getByLabelText("Period"), "last_month");
    await waitFor(() => expect(ranges).toEqual(["2025-03-01..2025-03-01", "2025-02-01..2025-02-28"]));
    expect(router.state.location.search).toMatchObject({ start_date: "2025-02-01", end_date: "2025-02-28" });
  });

  it("books are closed up to a day, and opened by an empty one", async () => {
    const sent: unknown[] = [];
    server.use(
      http.get("/api/omset/settings", () => HttpResponse.json({ ledger_closed_until: "2025-01-31" })),
      http.put("/api/omset/settings", async ({ request }) => {
        sent.push(await request.json());
        return problem(422, {
          code: "invalid",
          errors: [{ field: "ledger_closed_until", message: "Not this day." }],
        });
      }),
    );
    const { user } = await renderPage(() => <ClosedBooks />, { me: ADMIN });
    await user.clear(await screen.findByLabelText("Closed up to and including"));
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Not this day.")).toBeVisible();
    expect(sent).toEqual([{ ledger_closed_until: null }]);
  });

  it("a recalculation says what differed", async () => {
    const never: Recalculation = {
      message: "",
      updated_count: 0,
      running: false,
      keys_total: 0,
      keys_done: 0,
      types_changed: 0,
      keys_changed: 0,
      days_changed: 0,
    };
    let run = never;
    server.use(
      http.get("/api/omset/migrate-normalize", () => HttpResponse.json(run)),
      http.post("/api/omset/migrate-normalize", () => {
        const at = "2025-03-01T02:00:00+00:00";
        run = { ...never, updated_count: 3, types_changed: 1, days_changed: 2, started_at: at, ended_at: at };
        return HttpResponse.json(run);
      }),
    );
    const { user } = await renderPage(() => <Recalculate />, { me: ADMIN });
    expect(await screen.findByText("It was never run.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Recalculate" }));
    await user.click(
      within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Recalculate" }),
    );
    expect(await screen.findByText("3 rows differed and were corrected")).toBeVisible();
    expect(screen.getByText("1 deposit had the wrong class")).toBeVisible();
    expect(screen.getByText("2 days had the wrong figures")).toBeVisible();
  });

  it("the customer's page shows deposits of exactly this customer, and nothing to who does not see the ledger", async () => {
    server.use(
      http.get("/api/omset", () =>
        listed([
          deposit("d-1", { customer_key: "ali", depo_total: 777 }),
          deposit("d-2", { customer_key: "alice", depo_total: 555 }),
        ]),
      ),
    );
    const first = await renderPage(() => <CustomerDeposits customerKey="ali" />, { me: ANA });
    expect(await screen.findByText("777")).toBeVisible();
    expect(screen.queryByText("555")).toBeNull();
    first.unmount();
    const { container } = await renderPage(() => <CustomerDeposits customerKey="ali" />, { me: STAFF_USER });
    expect(container.querySelector("section[aria-label='Deposits']")).toBeNull();
  });
});
