import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { DATABASE, DESK, record, STAFF_CHOICES } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { ReplacementSettings } from "./replacement-settings";
import { validationSearchSchema } from "./search";
import { ValidationPage } from "./validation-page";

const SUMMARY = {
  total: 9,
  staff: [
    {
      staff_id: "s-1",
      staff_name: "Ana",
      module: "memberwd",
      count: 7,
      by_reason: [
        { reason: "wrong_number", count: 5 },
        { reason: "an old word", count: 2 },
      ],
      alert_opened_at: "2025-03-01T01:00:00+00:00",
    },
    {
      staff_id: "s-2",
      staff_name: "Budi",
      module: "bonanza",
      count: 2,
      by_reason: [{ reason: "duplicate", count: 2 }],
      alert_opened_at: null,
    },
  ],
};

const rejected = (number: number, more: Record<string, unknown> = {}) =>
  record(number, {
    status: "assigned",
    assigned_to: "s-1",
    assigned_to_name: "Ana",
    validation_status: "invalid",
    validation_reason: "wrong_number",
    validation_note: "Somebody else answered",
    module: "memberwd",
    database_id: "d-1",
    database_name: "June members",
    ...more,
  });

let asked: URLSearchParams[] = [];

const show = (url = "/validation") =>
  renderPage(() => <ValidationPage />, { url, me: DESK, validateSearch: validationSearchSchema });

beforeEach(() => {
  asked = [];
  server.use(
    http.get("/api/staff-users", () => listed(STAFF_CHOICES)),
    http.get("/api/pools/:module/databases", () => listed([DATABASE])),
    http.get("/api/validation/summary", () => HttpResponse.json(SUMMARY)),
    http.get("/api/validation/records", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return listed([rejected(1), rejected(2)]);
    }),
  );
});

describe("who has rejected what", () => {
  it("is counted by staff, module and reason; a row opens the records", async () => {
    const { user, router } = await show();
    const row = within(await screen.findByRole("row", { name: /Ana/ }));
    expect(row.getByText("Member WD")).toBeVisible();
    expect(row.getByText("Wrong number").parentElement).toHaveTextContent("Wrong number 5");
    // What an older client wrote is shown as it came.
    expect(row.getByText("an old word")).toBeVisible();
    await user.click(screen.getByText("Ana"));
    await waitFor(() => expect(router.state.location.search).toEqual({ group: "memberwd:s-1" }));
    expect(await screen.findByRole("heading", { name: "Ana" })).toBeVisible();
  });

  it("an alert can be put away without touching a record", async () => {
    let sent: unknown;
    server.use(
      http.post("/api/validation/dismiss", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ cleared_count: 1 });
      }),
    );
    const { user } = await show();
    await user.click(await screen.findByRole("button", { name: "Dismiss the alert of Ana" }));
    expect(await screen.findByText("Alert dismissed; the records are unchanged")).toBeInTheDocument();
    expect(sent).toEqual({ module: "memberwd", staff_id: "s-1" });
    expect(screen.queryByRole("button", { name: "Dismiss the alert of Budi" })).toBeNull();
  });
});

describe("the records of one staff", () => {
  const URL_ANA = "/validation?group=memberwd:s-1";

  it("take their filters from the URL", async () => {
    await show(`${URL_ANA}&reason=wrong_number&database_id=d-1&q=ana`);
    await screen.findByText("user1");
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
      module: "memberwd",
      staff_id: "s-1",
      reason: "wrong_number",
      database_id: "d-1",
      q: "ana",
    });
    expect(screen.getAllByText("Somebody else answered")[0]).toBeVisible();
  });

  async function selectAll() {
    const view = await show(URL_ANA);
    await screen.findByText("user1");
    await view.user.click(screen.getByRole("checkbox", { name: "Select all rows of this page" }));
    return { ...view, bar: within(screen.getByRole("region", { name: "Selected rows" })) };
  }

  it("selected ones are archived, and as many replaced as is said", async () => {
    const sent: unknown[] = [];
    server.use(
      http.post("/api/validation/process", async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({
          operation_id: "o-1",
          archived_count: 2,
          new_assigned_count: 1,
          skipped_reserved: 0,
          shortage: [{ database_id: "d-1", database_name: "June members", missing: 1 }],
        });
      }),
    );
    const { user, bar } = await selectAll();
    await user.click(bar.getByRole("button", { name: "Replace" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Archive 2 rejected records" }));
    const count = sheet.getByLabelText("How many to replace");
    expect(count).toHaveValue("2");
    await user.clear(count);
    await user.type(count, "3");
    await user.click(sheet.getByRole("button", { name: /^Archive/ }));
    expect(sheet.getByText("A whole number from 0 to 2.")).toBeVisible();
    expect(sent).toEqual([]);
    await user.clear(count);
    await user.type(count, "2");
    await user.click(sheet.getByRole("button", { name: "Archive, replace 2" }));
    const short = within(await screen.findByRole("dialog", { name: "Replaced in part" }));
    expect(short.getByText("June members")).toBeVisible();
    expect(short.getByText("1 missing")).toBeVisible();
    expect(sent).toEqual([
      { module: "memberwd", staff_id: "s-1", record_ids: ["r-1", "r-2"], replace_count: 2 },
    ]);
  });

  it("archive only asks for no replacement; all of them are meant without a selection", async () => {
    const sent: unknown[] = [];
    const undone: unknown[] = [];
    server.use(
      http.post("/api/operations/:id/undo", ({ params }) => {
        undone.push(params.id);
        return HttpResponse.json({ operation_id: "o-9", undone_count: 1, skipped_count: 1 });
      }),
      http.post("/api/validation/process", async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({
          operation_id: "o-1",
          archived_count: 2,
          new_assigned_count: 0,
          skipped_reserved: 0,
          shortage: [],
        });
      }),
    );
    const { user, bar } = await selectAll();
    await user.click(bar.getByRole("button", { name: "Archive" }));
    await user.click(await screen.findByRole("button", { name: "Archive 2 records" }));
    expect(await screen.findByText("2 archived, 0 new ones dealt")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(await screen.findByText(/^1 record put back; 1 had moved on/)).toBeInTheDocument();
    expect(undone).toEqual(["o-1"]);
    await user.click(screen.getByRole("button", { name: "Replace all" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Archive 7 rejected records" }));
    await user.click(sheet.getByRole("button", { name: "Archive, replace 7" }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[0]).toMatchObject({ replace_count: 0, record_ids: ["r-1", "r-2"] });
    expect(sent[1]).toEqual({ module: "memberwd", staff_id: "s-1", replace_count: 7 });
  });

  it("go back to the staff with a note", async () => {
    let sent: unknown;
    server.use(
      http.post("/api/validation/return", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({
          returned_count: 1,
          skipped: [{ reason: "reserved_for_others", count: 1 }],
        });
      }),
    );
    const { user, bar } = await selectAll();
    await user.click(bar.getByRole("button", { name: "Return to staff" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    await user.type(dialog.getByLabelText(/Note for the staff/), "Try once more");
    await user.click(dialog.getByRole("button", { name: "Return 2 records" }));
    expect(await screen.findByText("1 record returned")).toBeInTheDocument();
    expect(screen.getByText("1 × Reserved for somebody else")).toBeInTheDocument();
    expect(sent).toEqual({ record_ids: ["r-1", "r-2"], note: "Try once more" });
  });
});

describe("the archive", () => {
  it("shows who came in whose place, and restores", async () => {
    let sent: unknown;
    server.use(
      http.get("/api/validation/archived", () =>
        listed([
          rejected(1, {
            status: "invalid_archived",
            archived_at: "2025-03-01T01:00:00+00:00",
            replaced_by_customer: "newcomer9",
          }),
          rejected(2, { status: "invalid_archived", archived_at: "2025-03-01T01:00:00+00:00" }),
        ]),
      ),
      http.post("/api/validation/restore", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ operation_id: "o-2", restored_count: 1, skipped: [] });
      }),
    );
    const { user } = await show("/validation?tab=archive");
    const replaced = await screen.findByRole("row", { name: /user1/ });
    expect(within(replaced).getByText("newcomer9")).toBeVisible();
    const alone = screen.getByRole("row", { name: /user2/ });
    expect(within(alone).getByText("Not replaced")).toBeVisible();
    await user.click(within(alone).getByRole("checkbox"));
    await user.click(screen.getByRole("button", { name: "Restore" }));
    expect(await screen.findByText("1 record restored")).toBeInTheDocument();
    expect(sent).toEqual({ record_ids: ["r-2"] });
  });
});

describe("rules of a module", () => {
  const rules = { auto_replace_invalid: false, max_replacements_per_batch: 10 };

  it("are saved when they were changed, within their limits", async () => {
    let sent: unknown;
    server.use(
      http.get("/api/pools/memberwd/settings", () => HttpResponse.json(rules)),
      http.put("/api/pools/memberwd/settings", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ ...(sent as object), updated_at: "2025-03-01T01:00:00+00:00" });
      }),
    );
    const { user } = await renderPage(() => <ReplacementSettings module="memberwd" />, { me: DESK });
    const quota = await screen.findByLabelText("At most per batch");
    expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
    await user.click(screen.getByRole("switch"));
    await user.clear(quota);
    await user.type(quota, "1001");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("A whole number from 0 to 1,000.")).toBeVisible();
    expect(sent).toBeUndefined();
    await user.clear(quota);
    await user.type(quota, "5");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent).toEqual({ auto_replace_invalid: true, max_replacements_per_batch: 5 }));
  });

  it("fail visibly", async () => {
    server.use(http.get("/api/pools/bonanza/settings", () => problem(500, { code: "internal" })));
    await renderPage(() => <ReplacementSettings module="bonanza" />, { me: DESK });
    expect(await screen.findByRole("alert")).toHaveTextContent("req-1");
  });
});
