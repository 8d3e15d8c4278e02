import { screen, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { MASTER, renderPage } from "@/test/render";
import { problem, server } from "@/test/server";
import type { Today } from "./api";
import { TodayPage } from "./today-page";

const records = { total: 100, available: 60, requested: 0, assigned: 30, archived: 4, reserved: 6 };
const DESK: Today = {
  date: "2025-03-01",
  waiting: {},
  desk: {
    databases: 3,
    records,
    modules: [
      { module: "normal", databases: 2, records },
      { module: "bonanza", databases: 1, records: { ...records, total: 0 } },
    ],
    staff_online: 2,
    staff_active: 5,
    imports_running: 0,
  },
};
const STAFF = { ...MASTER, role: "staff" as const, permissions: ["today.read", "records.work"] };

function show(today: Today, me = MASTER) {
  server.use(http.get("/api/today", () => HttpResponse.json(today)));
  return renderPage(() => <TodayPage />, { me });
}

describe("Today", () => {
  it("shows the desk: totals and each module", async () => {
    await show(DESK);
    const table = await screen.findByRole("table", { name: "By module" });
    expect(within(table).getByRole("link", { name: "Bonanza" })).toHaveAttribute("href", "/bonanza");
    expect(within(table).getAllByRole("row")).toHaveLength(3);
    expect(screen.getByText("in 3 databases")).toBeVisible();
    expect(screen.getByText("of 5 active")).toBeVisible();
    expect(screen.getByText(/^Saturday,? 1 March 2025$/)).toBeVisible();
  });

  it("shows first what waits for a decision, and leads there", async () => {
    const waiting = {
      requests: 4,
      held_records: 1120,
      reservations: 0,
      deposits: 2,
      rejected_records: 9,
      rejected_staff: 2,
    };
    const permissions = [...MASTER.permissions, "requests.review", "deposits.manage"];
    await show({ ...DESK, waiting }, { ...MASTER, permissions });
    const region = within(await screen.findByRole("region", { name: "Waiting for you" }));
    const requests = region.getByRole("link", { name: /Requests waiting/ });
    expect(requests).toHaveAttribute("href", "/requests?tab=pending");
    expect(requests).toHaveTextContent("1,120 records held");
    expect(region.getByRole("link", { name: /Deposits waiting/ })).toHaveAttribute("href", "/omset/review");
    const rejected = region.getByRole("link", { name: /Rejected records/ });
    expect(rejected).toHaveAttribute("href", "/validation");
    expect(rejected).toHaveTextContent("of 2 staff");
    expect(region.getAllByRole("link")).toHaveLength(3);
  });

  it("shows staff what they wait for", async () => {
    const waiting = { requests: 1, held_records: 0, reservations: 1, deposits: 3 };
    await show({ ...DESK, desk: undefined, waiting }, STAFF);
    const region = within(await screen.findByRole("region", { name: "You wait for a decision" }));
    expect(region.getByRole("link", { name: /Deposits waiting/ })).toHaveAttribute(
      "href",
      "/omset?tab=ledger&status=pending",
    );
    expect(region.getByRole("link", { name: /Reservations waiting/ })).toHaveAttribute(
      "href",
      "/reserved?tab=pending",
    );
  });

  it("shows turnover beside the span before; each figure opens its deposits", async () => {
    const span = (start_date: string, end_date: string, total_omset: number) => ({
      start_date,
      end_date,
      total_omset,
      total_forms: 4,
      total_ndp: 1,
      total_rdp: 2,
      total_nominal: 0,
      ndp_total: 0,
      rdp_total: 0,
    });
    await show({
      ...DESK,
      deposits: {
        today: span("2025-03-05", "2025-03-05", 1_500_000),
        yesterday: span("2025-03-04", "2025-03-04", 700_000),
        month: span("2025-03-01", "2025-03-05", 9_000_000),
        last_month: span("2025-02-01", "2025-02-05", 8_000_000),
        best_day: { date: "2025-03-02", total_omset: 4_000_000 },
      },
    });
    const today = await screen.findByRole("link", { name: /Turnover today/ });
    expect(today).toHaveTextContent("1,500,000");
    expect(today).toHaveTextContent("Yesterday: 700,000");
    expect(today).toHaveAttribute("href", "/omset?tab=ledger&start_date=2025-03-05&end_date=2025-03-05");
    const month = screen.getByRole("link", { name: /Turnover this month/ });
    expect(month).toHaveTextContent("8,000,000");
    expect(month).toHaveAttribute("href", "/omset?tab=ledger&start_date=2025-03-01&end_date=2025-03-05");
    const best = screen.getByRole("link", { name: /Best day/ });
    expect(best).toHaveAttribute("href", "/omset?tab=ledger&start_date=2025-03-02&end_date=2025-03-02");
  });

  it("shows who slips away, and leads to them", async () => {
    await show({
      ...DESK,
      follow_ups: { total: 12, critical: 5, high: 3, medium: 3, low: 1 },
      at_risk: { total: 7, critical: 2, high: 4, medium: 1 },
    });
    const waiting = await screen.findByRole("link", { name: /Follow-ups waiting/ });
    expect(waiting).toHaveAttribute("href", "/follow-ups");
    expect(waiting).toHaveTextContent("5 for 7 days or more");
    const away = screen.getByRole("link", { name: /Customers at risk/ });
    expect(away).toHaveAttribute("href", "/retention?tab=at_risk");
  });

  it("an empty desk offers the upload to those who may", async () => {
    const empty = { ...DESK, desk: { ...(DESK.desk as NonNullable<Today["desk"]>), databases: 0 } };
    await show(empty, { ...MASTER, permissions: [...MASTER.permissions, "imports.manage"] });
    expect(await screen.findByRole("link", { name: "Upload a file" })).toHaveAttribute(
      "href",
      "/imports/new",
    );
  });

  it("shows staff their own records and the way to them", async () => {
    const own = {
      open_records: 12,
      received_today: 5,
      modules: [{ module: "normal", open_records: 12, received_today: 5 }],
    };
    await show({ date: "2025-03-01", waiting: {}, own }, STAFF);
    expect(await screen.findByText("12 open · 5 new today")).toBeVisible();
    expect(screen.getByRole("link", { name: /Go to my customers/ })).toHaveAttribute("href", "/customers");
    expect(screen.queryByRole("table")).toBeNull();
  });

  it("says so when there is nothing to work on", async () => {
    await show(
      { date: "2025-03-01", waiting: {}, own: { open_records: 0, received_today: 0, modules: [] } },
      STAFF,
    );
    expect(await screen.findByText("No records for you yet")).toBeVisible();
  });

  it("fails visibly", async () => {
    server.use(http.get("/api/today", () => problem(500, { code: "internal" })));
    await renderPage(() => <TodayPage />, { me: MASTER });
    expect(await screen.findByRole("alert")).toHaveTextContent("req-1");
  });
});
