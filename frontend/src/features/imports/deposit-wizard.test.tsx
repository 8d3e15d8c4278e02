import { screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { useTableSearch } from "@/lib/table-search";
import { DESK, PRODUCTS } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { DepositImportPage } from "./deposit-import-page";
import { faultsOf } from "./deposit-mapping";
import { plannedDeposits } from "./deposit-report";
import { type DepositImportSearch, depositImportSearchSchema } from "./search";
import type { DepositImport, DepositReport } from "./types";

const REPORT: DepositReport = {
  rows_total: 12,
  approved: 4,
  pending: 2,
  duplicates: 3,
  duplicates_pending: 1,
  rejected: 2,
  blank: 1,
  rejected_reasons: [{ reason: "future_day", field: "date", count: 2 }],
  reserved_by: [{ staff_id: "s-1", staff_name: "Ana", count: 2 }],
  same_file: { import_id: "i-0", imported_at: "2025-02-28T02:00:00+00:00", imported_by_name: "Ratna" },
};
const READY: DepositImport = {
  id: "i-1",
  filename: "june.csv",
  size_bytes: 2048,
  state: "ready",
  sheets: [{ name: "june", rows: 12, hidden: false }],
  sheet: "june",
  header_row: 1,
  columns: ["Day", "Who", "Sum"],
  preview_rows: [["03/04/2025", "007", "Rp 1.000"]],
  mapping: { date: 0, customer: 1, amount: null, date_order: "dmy" },
  detected: Object.fromEntries(
    ["date", "customer", "name", "product", "amount", "multiplier", "note", "staff"].map((role, at) => [
      role,
      { column: at < 2 ? at : null, confidence: at < 2 ? 0.9 : 0 },
    ]),
  ) as DepositImport["detected"],
  report: REPORT,
  result: null,
  progress: null,
  duplicates: null,
  error: null,
  created_at: "2025-02-28T02:00:00+00:00",
  created_by_name: "Ratna",
  finished_at: null,
  can_undo: false,
  undo_until: null,
};
const DONE: DepositImport = {
  ...READY,
  state: "done",
  result: { rows_total: 12, approved: 4, pending: 2, duplicates: 3, rejected: 2, blank: 1 },
  can_undo: true,
  undo_until: "2025-03-01T02:00:00+00:00",
};

let now: DepositImport = READY;

function Page() {
  const search = useTableSearch();
  return <DepositImportPage id="i-1" search={search.values as DepositImportSearch} />;
}

function show(item: DepositImport, url = "/omset/import/i-1") {
  now = item;
  return renderPage(() => <Page />, { url, me: DESK, validateSearch: depositImportSearchSchema });
}

const equation = () =>
  ["rows_total", "approved", "pending", "duplicates", "rejected", "blank"].map((part) =>
    Number(screen.getByTestId(`eq-${part}`).textContent),
  );

beforeEach(() => {
  server.use(
    http.get("/api/products", () => listed(PRODUCTS)),
    http.get("/api/staff-users", () => listed([{ id: "s-1", name: "Ana" }])),
    http.get("/api/deposit-imports/i-1", () => HttpResponse.json(now)),
  );
});

describe("columns", () => {
  it("are asked for before the report, with one product and one person for all rows", async () => {
    const { user } = await show(READY);
    await screen.findByRole("option", { name: "Ana" });
    await user.click(await screen.findByRole("button", { name: /See the report/ }));
    expect(screen.getByText("Choose the column that holds the amount.")).toBeVisible();
    expect(screen.getByText("Choose a column, or one product for all rows.")).toBeVisible();
    let sent: unknown;
    server.use(
      http.patch("/api/deposit-imports/i-1", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ ...READY, state: "analysing" }, { status: 202 });
      }),
    );
    await user.selectOptions(screen.getByLabelText(/^Amount/), "Sum");
    await user.selectOptions(screen.getByLabelText("Product of all rows"), "Product A");
    await user.selectOptions(screen.getByLabelText("Staff of all rows"), "Ana");
    await user.selectOptions(screen.getByLabelText("Order of figures in a day"), "mdy");
    await user.click(screen.getByRole("button", { name: /See the report/ }));
    await waitFor(() =>
      expect(sent).toEqual({
        mapping: {
          ...READY.mapping,
          amount: 2,
          product_id: PRODUCTS[0]?.id,
          staff_id: "s-1",
          date_order: "mdy",
        },
      }),
    );
  });

  it("are one thing each", () => {
    expect([
      ...faultsOf({ date: 0, customer: 0, amount: 2, product: 3, staff: 4, date_order: "dmy" }),
    ]).toEqual([["customer", "twice"]]);
    expect([...faultsOf({ date_order: "dmy", staff_id: "s-1" }).keys()]).toEqual([
      "date",
      "customer",
      "amount",
      "product",
    ]);
  });
});

describe("report", () => {
  it("adds up under either choice, and says that the file was there before", async () => {
    const { user } = await show(READY, "/omset/import/i-1?step=report");
    expect(await screen.findByText(/already imported by Ratna/)).toBeVisible();
    expect(equation()).toEqual([12, 4, 2, 3, 2, 1]);
    expect(screen.getByText("Day in the future")).toBeVisible();
    await user.click(screen.getByLabelText(/Book them too/));
    await waitFor(() => expect(equation()).toEqual([12, 6, 3, 0, 2, 1]));
    for (const choice of ["skip", "import"] as const) {
      const { rows_total, ...parts } = plannedDeposits(REPORT, choice);
      expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(rows_total);
    }
    let sent: unknown;
    server.use(
      http.post("/api/deposit-imports/i-1/commit", async ({ request }) => {
        sent = await request.json();
        now = DONE;
        return HttpResponse.json(DONE, { status: 202 });
      }),
    );
    await user.click(screen.getByRole("button", { name: "Book 9 deposits" }));
    expect(await screen.findByText("6 deposits booked")).toBeVisible();
    expect(sent).toEqual({ duplicates: "import" });
  });
});

describe("result", () => {
  it("leads to what waits and to what was left out, and can be undone", async () => {
    const { user } = await show(DONE);
    expect(await screen.findByRole("link", { name: "Decide about 2" })).toHaveAttribute(
      "href",
      "/omset/review",
    );
    expect(screen.getByRole("link", { name: "6 rows left out (XLSX)" })).toHaveAttribute(
      "href",
      "/api/deposit-imports/i-1/rejected?format=xlsx",
    );
    server.use(
      http.post("/api/deposit-imports/i-1/undo", () => problem(409, { code: "import_touched", changed: 2 })),
    );
    await user.click(screen.getByRole("button", { name: /Undo the import/ }));
    expect(screen.getByText(/6 deposits go to the trash/)).toBeVisible();
    await user.click(screen.getAllByRole("button", { name: /Undo the import/ }).at(-1) as HTMLElement);
    expect(await screen.findByText(/Of these deposits 2 were changed/)).toBeVisible();
  });
});
