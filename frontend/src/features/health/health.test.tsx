import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { DESK, PRODUCTS, STAFF_CHOICES } from "@/test/desk";
import { renderPage } from "@/test/render";
import { problem, server } from "@/test/server";
import { HealthPage } from "./health-page";
import { healthSearchSchema } from "./search";

const CHECKED = "2025-02-28T02:00:00+00:00";
const check = (type: string, count: number, more: Record<string, unknown> = {}) => ({
  type,
  severity: "high",
  feature: "products",
  count,
  message: `${count} of ${type}`,
  auto_fixable: true,
  sample: [],
  checked_at: CHECKED,
  ...more,
});
const CHECKS = [
  check("inactive_holders", 3, { severity: "low", auto_fixable: false }),
  check("product_mismatch", 7, {
    sample: [
      { id: "r-1", kind: "record", module: "normal", database_id: "d-1", database_name: "June leads" },
    ],
  }),
  check("orphan_holders", 0),
  check("customer_keys", 0, { checked_at: undefined }),
  check("a_check_of_tomorrow", 2),
];
const HEALTH = {
  health_score: 55,
  status: "warning",
  issues: [],
  warnings: [],
  checks: CHECKS,
  stats: { checks: 5, clean: 2, at_fault: 12, databases: 1, reserved_customers: 2, open_conflicts: 4 },
  checked_at: CHECKED,
};
const answer = (dry_run: boolean, more: Record<string, unknown> = {}) => ({
  success: true,
  dry_run,
  message: "",
  total_fixed: 7,
  repairs: [{ repair_type: "product_mismatch", found: 9, fixed: 7, remaining: 2, changes: [], ...more }],
});

const show = (url = "/") =>
  renderPage(() => <HealthPage />, {
    url,
    me: { ...DESK, permissions: [...DESK.permissions, "health.manage"] },
    validateSearch: healthSearchSchema,
  });

beforeEach(() => {
  server.use(
    http.get("/api/data-sync/health-check", () => HttpResponse.json(HEALTH)),
    http.get("/api/products", () => HttpResponse.json(PRODUCTS)),
    http.get("/api/staff-users", () => HttpResponse.json(STAFF_CHOICES)),
  );
});

describe("Data Sync", () => {
  it("shows the score, faults worst first, and proves what is clean", async () => {
    await show();
    expect(await screen.findByRole("img", { name: "55 of 100" })).toBeVisible();
    const types = screen.getAllByTestId(/^check-/).map((row) => row.dataset.testid?.replace("check-", ""));
    expect(types.slice(0, 3)).toEqual(["product_mismatch", "a_check_of_tomorrow", "inactive_holders"]);
    expect(within(screen.getByTestId("check-orphan_holders")).getByText("Clean")).toBeVisible();
    expect(within(screen.getByTestId("check-customer_keys")).getByText("Not checked yet")).toBeVisible();
    // A check that we have no words for is told in the server's.
    expect(screen.getByText("2 of a_check_of_tomorrow")).toBeVisible();
    expect(within(screen.getByTestId("check-inactive_holders")).queryByText("Repair")).toBeNull();
  });

  it("explains a check, with examples that lead to the database", async () => {
    await show("/?open=product_mismatch");
    const sheet = await screen.findByRole("dialog");
    expect(within(sheet).getByText("A record is of the product of its database.")).toBeVisible();
    expect(within(sheet).getByRole("link", { name: "June leads" })).toHaveAttribute("href", "/databases/d-1");
  });

  it("says what a repair would do before it does it, and undoes it", async () => {
    const sent: string[] = [];
    server.use(
      http.post("/api/data-sync/repair", ({ request }) => {
        const dry = new URL(request.url).searchParams.get("dry_run") === "true";
        sent.push(dry ? "dry" : "repair");
        return HttpResponse.json(answer(dry, dry ? {} : { repair_id: "x-1" }));
      }),
      http.post("/api/data-sync/repairs/x-1/undo", () => {
        sent.push("undo");
        return HttpResponse.json({ repair_id: "x-1", undone_count: 6, skipped_count: 1 });
      }),
    );
    const { user } = await show();
    await user.click(await screen.findByRole("button", { name: /^Repair: Records have their database/ }));
    const dialog = await screen.findByRole("alertdialog");
    expect(await within(dialog).findByText("7 things would change.")).toBeVisible();
    expect(within(dialog).getByText("2 are left for another run.")).toBeVisible();
    expect(sent).toEqual(["dry"]);
    await user.click(within(dialog).getByRole("button", { name: "Repair 7" }));
    expect(await screen.findByText("7 repaired")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(
      await screen.findByText("6 changes undone; 1 had been worked on since and stay"),
    ).toBeInTheDocument();
    expect(sent).toEqual(["dry", "repair", "undo"]);
  });

  it("a refused repair says why and stays", async () => {
    server.use(
      http.post("/api/data-sync/repair", ({ request }) =>
        new URL(request.url).searchParams.get("dry_run") === "true"
          ? HttpResponse.json(answer(true))
          : problem(409, { code: "changed_meanwhile", detail: "Try again." }),
      ),
    );
    const { user } = await show();
    await user.click(await screen.findByRole("button", { name: /^Repair: Records have their database/ }));
    const dialog = await screen.findByRole("alertdialog");
    await user.click(await within(dialog).findByRole("button", { name: "Repair 7" }));
    expect(await within(dialog).findByText("Try again.")).toBeVisible();
  });

  it("filters the conflict log in the address, with both days", async () => {
    const asked: URLSearchParams[] = [];
    server.use(
      http.get("/api/data-sync/conflict-resolution-stats", () =>
        HttpResponse.json({
          total_invalidated: 9,
          today: 1,
          this_week: 2,
          this_month: 3,
          top_affected_staff: [{ staff_id: "s-1", staff_name: "Ana", count: 9 }],
          top_reserved_by_staff: [{ staff_id: "s-2", staff_name: "Budi", count: 9 }],
        }),
      ),
      http.get("/api/data-sync/conflict-resolution-log", ({ request }) => {
        asked.push(new URL(request.url).searchParams);
        const summary = { total: 0, open: 0, ended: 0, staff: 0, owners: 0 };
        return HttpResponse.json({ total_count: 0, summary, records: [] });
      }),
    );
    await show("/?tab=conflicts&show=ended&from=2025-02-01&to=2025-02-28&staff_id=s-1");
    expect(await screen.findByText("Held most often by")).toBeVisible();
    await waitFor(() => expect(asked).not.toEqual([]));
    expect(Object.fromEntries(asked[0] as URLSearchParams)).toMatchObject({
      is_open: "false",
      date_from: "2025-02-01",
      date_to: "2025-02-28",
      staff_id: "s-1",
    });
    expect(screen.getByLabelText("From")).toHaveValue("2025-02-01");
  });

  it("the monitoring is changed as a whole; hours out of range are refused here", async () => {
    let sent: unknown;
    const config = {
      enabled: true,
      check_interval_hours: 6,
      notify_on_warning: false,
      notify_on_critical: true,
    };
    server.use(
      http.get("/api/data-sync/monitoring-config", () => HttpResponse.json(config)),
      http.get("/api/data-sync/activity-log", () => HttpResponse.json({ logs: [] })),
      http.put("/api/data-sync/monitoring-config", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ ...config, ...(sent as object), message: "Changed." });
      }),
    );
    const { user } = await show("/?tab=monitoring");
    const hours = await screen.findByLabelText("Hours between two checks");
    await user.clear(hours);
    await user.type(hours, "200");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("A whole number from 1 to 168.")).toBeVisible();
    await user.clear(hours);
    await user.type(hours, "12");
    await user.click(screen.getByRole("switch", { name: /Tell of medium/ }));
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(sent).toEqual({ ...config, check_interval_hours: 12, notify_on_warning: true }),
    );
  });
});
