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
    server.use(
      http.get("/api/download-requests/stats", () => HttpResponse.json({ pending: 4, held_records: 1120 })),
      http.get("/api/validation/summary", () =>
        HttpResponse.json({
          total: 9,
          staff: [{ staff_id: "s-1" }, { staff_id: "s-1" }, { staff_id: "s-2" }],
        }),
      ),
    );
    const me = { ...MASTER, permissions: [...MASTER.permissions, "requests.review", "validation.manage"] };
    await show(DESK, me);
    const waiting = within(await screen.findByRole("region", { name: "Waiting for you" }));
    const requests = await waiting.findByRole("link", { name: /Requests waiting/ });
    expect(requests).toHaveAttribute("href", "/requests");
    expect(requests).toHaveTextContent("1,120 records held");
    const rejected = await waiting.findByRole("link", { name: /Rejected records/ });
    expect(rejected).toHaveAttribute("href", "/validation");
    expect(rejected).toHaveTextContent("of 2 staff");
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
    await show({ date: "2025-03-01", own }, STAFF);
    expect(await screen.findByText("12 open · 5 new today")).toBeVisible();
    expect(screen.getByRole("link", { name: /Go to my customers/ })).toHaveAttribute("href", "/customers");
    expect(screen.queryByRole("table")).toBeNull();
  });

  it("says so when there is nothing to work on", async () => {
    await show({ date: "2025-03-01", own: { open_records: 0, received_today: 0, modules: [] } }, STAFF);
    expect(await screen.findByText("No records for you yet")).toBeVisible();
  });

  it("fails visibly", async () => {
    server.use(http.get("/api/today", () => problem(500, { code: "internal" })));
    await renderPage(() => <TodayPage />, { me: MASTER });
    expect(await screen.findByRole("alert")).toHaveTextContent("req-1");
  });
});
