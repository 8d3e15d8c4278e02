import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { useTableSearch } from "@/lib/table-search";
import { DESK, PRODUCTS } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { ImportPage } from "./import-page";
import { NewImportPage } from "./new-import-page";
import { RecentImports } from "./recent-imports";
import { type ImportSearch, importSearchSchema } from "./search";
import type { Import } from "./types";

const READY: Import = {
  id: "i-1",
  module: "memberwd",
  product_id: "p-1",
  product_name: "Product A",
  filename: "june leads.xlsx",
  size_bytes: 20_480,
  state: "ready",
  sheets: [
    { name: "Leads", rows: 9, hidden: false },
    { name: "Old", rows: 2, hidden: true },
  ],
  sheet: "Leads",
  header_row: 1,
  columns: ["User ID", "Full name", "WA", "Note"],
  preview_rows: [["cust1", "Customer 1", "0812", "=SUM(A1)"]],
  mapping: { username: 0, name: 1, phone: null },
  detected: {
    username: { column: 0, confidence: 1 },
    name: { column: 1, confidence: 0.9 },
    phone: { column: 2, confidence: 0.4 },
  },
  report: {
    rows_total: 9,
    blank: 1,
    rejected: 1,
    rejected_reasons: [{ reason: "no_identity", count: 1 }],
    duplicates_in_file: 2,
    duplicates_in_product: 2,
    reserved: 4,
    reserved_not_duplicate: 2,
    reserved_by: [{ staff_id: "s-1", staff_name: "Ana", count: 4 }],
    bad_phones: 3,
    same_file: null,
  },
  result: null,
  progress: null,
  name: null,
  description: "",
  duplicates: null,
  reserved: null,
  database_id: null,
  error: null,
  finished_at: null,
  undo_until: null,
  created_at: "2025-02-28T02:00:00+00:00",
  created_by_name: "Master",
  can_undo: false,
};
const RESULT = {
  rows_total: 9,
  stored: 3,
  duplicates: 4,
  reserved_skipped: 0,
  rejected: 1,
  blank: 1,
  reserved_stored: 2,
};
const DONE: Import = {
  ...READY,
  state: "done",
  name: "June",
  database_id: "d-7",
  result: RESULT,
  can_undo: true,
  undo_until: "2025-03-01T02:00:00+00:00",
};

/** What the server says now; a test changes it as the server would. */
let now: Import = READY;

function Page() {
  const search = useTableSearch();
  return <ImportPage id="i-1" search={search.values as ImportSearch} />;
}

function show(item: Import, url = "/imports/i-1") {
  now = item;
  return renderPage(() => <Page />, { url, me: DESK, validateSearch: importSearchSchema });
}

const equation = () =>
  ["rows_total", "stored", "duplicates", "reserved", "rejected", "blank"].map((part) =>
    Number(screen.getByTestId(`eq-${part}`).textContent),
  );

beforeEach(() => {
  now = READY;
  server.use(
    http.get("/api/products", () => listed(PRODUCTS)),
    http.get("/api/imports/i-1", () => HttpResponse.json(now)),
  );
});

describe("file", () => {
  const start = () => renderPage(() => <NewImportPage search={{ module: "memberwd" }} />, { me: DESK });
  const file = new File(["user,name\n"], "leads.csv", { type: "text/csv" });

  it("asks for product and file before anything is sent", async () => {
    const { user } = await start();
    await screen.findByRole("option", { name: "Product A" });
    await user.click(screen.getByRole("button", { name: /Upload and check/ }));
    expect(screen.getByText("Choose the product these customers belong to.")).toBeVisible();
    expect(screen.getByText("Choose a file.")).toBeVisible();
  });

  it("sends module, product and file, and goes on at the import's own address", async () => {
    let sent: FormData | undefined;
    server.use(
      http.post("/api/imports", async ({ request }) => {
        sent = await request.formData();
        return HttpResponse.json(READY, { status: 202 });
      }),
    );
    const { user, router } = await start();
    await screen.findByRole("option", { name: "Product B" });
    await user.selectOptions(screen.getByLabelText("Product"), "p-2");
    await user.upload(screen.getByLabelText(/Drop a file here/), file);
    expect(screen.getByText("leads.csv")).toBeVisible();
    await user.click(screen.getByRole("button", { name: /Upload and check/ }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/imports/i-1"));
    expect([sent?.get("module"), sent?.get("product_id")]).toEqual(["memberwd", "p-2"]);
  });

  it("says at the file why it was refused", async () => {
    server.use(
      http.post("/api/imports", () =>
        problem(422, {
          code: "file_refused",
          reason: "encrypted",
          errors: [{ field: "file", message: "locked" }],
        }),
      ),
    );
    const { user } = await start();
    await screen.findByRole("option", { name: "Product A" });
    await user.selectOptions(screen.getByLabelText("Product"), "p-1");
    await user.upload(screen.getByLabelText(/Drop a file here/), file);
    await user.click(screen.getByRole("button", { name: /Upload and check/ }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The workbook is protected by a password.");
  });
});

describe("mapping", () => {
  it("shows the detected columns with their confidence, and the rows as text", async () => {
    await show(READY);
    expect(await screen.findByLabelText(/^Username/)).toHaveDisplayValue("User ID");
    expect(screen.getByText("Recognised: User ID (100%)")).toBeVisible();
    expect(screen.getByText("Perhaps WA (40%)")).toBeVisible();
    expect(screen.getByText("=SUM(A1)")).toBeVisible();
  });

  it("goes on without another analysis when nothing was changed", async () => {
    const { user, router } = await show(READY);
    await user.click(await screen.findByRole("button", { name: "See the report" }));
    await waitFor(() => expect(router.state.location.search).toEqual({ step: "report" }));
  });

  it("sends a changed mapping, then shows the new report", async () => {
    let body: unknown;
    server.use(
      http.patch("/api/imports/i-1", async ({ request }) => {
        body = await request.json();
        const mapping = { username: 0, name: 1, phone: 2 };
        now = { ...READY, mapping };
        return HttpResponse.json({ ...now, state: "analysing" }, { status: 202 });
      }),
    );
    const { user, router } = await show(READY);
    await user.selectOptions(await screen.findByLabelText(/^Phone/), "2");
    await user.click(screen.getByRole("button", { name: "See the report" }));
    await waitFor(() => expect(router.state.location.search).toEqual({ step: "report" }));
    expect(body).toEqual({ mapping: { username: 0, name: 1, phone: 2 } });
    expect(await screen.findByTestId("eq-stored", undefined, { timeout: 3000 })).toHaveTextContent("3");
  });

  it("does not go on without a username, nor with one column as username and name", async () => {
    const { user, router } = await show({ ...READY, mapping: { username: null, name: 1, phone: null } });
    await user.click(await screen.findByRole("button", { name: "See the report" }));
    expect(screen.getByText("Choose the column that identifies the customer.")).toBeVisible();
    await user.selectOptions(screen.getByLabelText(/^Username/), "1");
    expect(screen.getByText("The username and the name cannot be the same column.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "See the report" }));
    expect(router.state.location.search).toEqual({});
  });

  it("another sheet or header row has the file read again", async () => {
    const bodies: unknown[] = [];
    server.use(
      http.patch("/api/imports/i-1", async ({ request }) => {
        bodies.push(await request.json());
        return HttpResponse.json({ ...READY, state: "ready" }, { status: 202 });
      }),
    );
    const { user } = await show(READY);
    await user.selectOptions(await screen.findByLabelText("Sheet"), "Old");
    await waitFor(() => expect(bodies).toEqual([{ sheet: "Old" }]));
    const again = screen.getByRole("button", { name: "Read again" });
    await waitFor(() => expect(screen.getByLabelText("Header row")).toBeEnabled());
    expect(again).toBeDisabled();
    await user.clear(screen.getByLabelText("Header row"));
    await user.type(screen.getByLabelText("Header row"), "3");
    await user.click(screen.getByRole("button", { name: "Read again" }));
    await waitFor(() => expect(bodies.at(-1)).toEqual({ header_row: 3 }));
  });
});

describe("report", () => {
  it("adds up, and adds up anew with every choice", async () => {
    const { user, router } = await show(READY, "/imports/i-1?step=report");
    await screen.findByTestId("eq-stored");
    expect(equation()).toEqual([9, 3, 4, 0, 1, 1]);
    const choices = (name: RegExp) => within(screen.getByRole("group", { name }));
    await user.click(choices(/4 reserved customers/).getByRole("radio", { name: "Skip" }));
    await waitFor(() => expect(equation()).toEqual([9, 1, 4, 2, 1, 1]));
    await user.click(choices(/4 duplicates/).getByRole("radio", { name: "Import them too" }));
    await waitFor(() => expect(equation()).toEqual([9, 3, 0, 4, 1, 1]));
    expect(router.state.location.search).toEqual({ step: "report", duplicates: "import", reserved: "skip" });
  });

  it("names who reserved, why rows are rejected, and that this very file was imported before", async () => {
    await show(
      {
        ...READY,
        report: READY.report && {
          ...READY.report,
          same_file: {
            database_id: "d-1",
            name: "May",
            module: "bonanza",
            uploaded_at: "2025-02-01T02:00:00+00:00",
          },
        },
      },
      "/imports/i-1?step=report",
    );
    expect(await screen.findByText("Ana")).toBeVisible();
    expect(screen.getByText("Without a username")).toBeVisible();
    expect(screen.getByText(/Exactly this file was already imported as “May”/)).toBeVisible();
    expect(screen.getByRole("link", { name: "Open the database" })).toHaveAttribute("href", "/bonanza/d-1");
  });

  it("commits the choices under the name given", async () => {
    let body: unknown;
    server.use(
      http.post("/api/imports/i-1/commit", async ({ request }) => {
        body = await request.json();
        now = DONE;
        return HttpResponse.json(
          {
            ...READY,
            state: "importing",
            progress: { phase: "storing", rows_done: 1, rows_total: 3, rate: 10, eta_seconds: 2 },
          },
          { status: 202 },
        );
      }),
    );
    const { user } = await show(READY, "/imports/i-1?step=report");
    const name = await screen.findByLabelText("Name of the database");
    expect(name).toHaveValue("june leads");
    await user.clear(name);
    await user.click(screen.getByRole("button", { name: "Import 3 rows" }));
    expect(screen.getByText("Give the database a name.")).toBeVisible();
    expect(body).toBeUndefined();
    await user.type(name, " June ");
    await user.click(screen.getByRole("button", { name: "Import 3 rows" }));
    await waitFor(() => expect(body).toEqual({ name: "June", duplicates: "skip", reserved: "store" }));
    expect(await screen.findByRole("progressbar", { name: "Storing the rows" })).toHaveAttribute(
      "aria-valuenow",
      "33",
    );
    expect(screen.getByText("10 rows/s")).toBeVisible();
    // The page asks on until it is done.
    expect(await screen.findByText(/3 records stored in “June”/, undefined, { timeout: 3000 })).toBeVisible();
  });
});

describe("cancel", () => {
  it("asks first and says that nothing is stored", async () => {
    const cancelled = vi.fn();
    server.use(
      http.post("/api/imports/i-1/cancel", () => {
        cancelled();
        now = { ...READY, state: "cancelled" };
        return HttpResponse.json(now);
      }),
    );
    const { user } = await show({
      ...READY,
      state: "importing",
      progress: { phase: "storing", rows_done: 0, rows_total: 9, rate: null, eta_seconds: null },
    });
    await user.click(await screen.findByRole("button", { name: "Cancel upload" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    expect(dialog.getByText(/What has been stored so far is removed again/)).toBeVisible();
    expect(cancelled).not.toHaveBeenCalled();
    await user.click(dialog.getByRole("button", { name: "Cancel upload" }));
    expect(await screen.findByText("This upload was cancelled")).toBeVisible();
    expect(screen.queryByRole("progressbar")).toBeNull();
  });
});

describe("result", () => {
  it("shows the real figures, the database and the rows that were left out", async () => {
    await show(DONE);
    await screen.findByText(/3 records stored in “June”/);
    expect(equation()).toEqual([9, 3, 4, 0, 1, 1]);
    expect(screen.getByRole("link", { name: /Open the database/ })).toHaveAttribute("href", "/member-wd/d-7");
    expect(screen.getByRole("link", { name: /6 rows left out/ })).toHaveAttribute(
      "href",
      "/api/imports/i-1/rejected?format=xlsx",
    );
    expect(screen.getByRole("link", { name: "as CSV" })).toHaveAttribute(
      "href",
      "/api/imports/i-1/rejected?format=csv",
    );
  });

  it("is undone after a question, and a refusal is explained in it", async () => {
    let refuse = true;
    server.use(
      http.post("/api/imports/i-1/undo", () => {
        if (refuse) return problem(409, { code: "undo_not_possible" });
        now = { ...DONE, state: "undone", can_undo: false };
        return HttpResponse.json(now);
      }),
    );
    const { user } = await show(DONE);
    await user.click(await screen.findByRole("button", { name: "Undo the import" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    await user.click(dialog.getByRole("button", { name: "Undo the import" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("can no longer be undone");
    refuse = false;
    await user.click(dialog.getByRole("button", { name: "Undo the import" }));
    expect(await screen.findByText("This import was undone")).toBeVisible();
    expect(await screen.findByText("The import was undone")).toBeInTheDocument();
  });

  it("has no way back once the time is over", async () => {
    await show({ ...DONE, can_undo: false, undo_until: null });
    await screen.findByText(/3 records stored/);
    expect(screen.queryByRole("button", { name: "Undo the import" })).toBeNull();
  });
});

describe("a file that failed", () => {
  it("says which part is at fault and lets another sheet be chosen", async () => {
    await show({
      ...READY,
      state: "failed",
      report: null,
      error: { code: "bad_header_row", message: "The header row must be within 0..9.", field: "header_row" },
    });
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("Header row: This cannot be the header row.");
    expect(alert).toHaveTextContent("Nothing of it is stored.");
    expect(screen.getByLabelText("Sheet")).toBeEnabled();
  });
});

describe("recent uploads", () => {
  it("lead back to one that waits or runs", async () => {
    server.use(
      http.get("/api/imports", ({ request }) =>
        new URL(request.url).searchParams.get("module") === "memberwd"
          ? listed([READY, { ...DONE, id: "i-2" }])
          : listed([]),
      ),
    );
    await renderPage(() => <RecentImports module="memberwd" />, { me: DESK });
    expect(await screen.findByText("Waits for you")).toBeVisible();
    expect(screen.getByText("Done")).toBeVisible();
    expect(screen.getAllByRole("link", { name: "june leads.xlsx" })[0]).toHaveAttribute(
      "href",
      "/imports/i-1",
    );
  });
});
