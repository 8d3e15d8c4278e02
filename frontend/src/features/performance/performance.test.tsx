import { screen, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { MASTER, renderPage } from "@/test/render";
import { problem, server } from "@/test/server";
import { weekdayOf } from "./day-calendar";
import { LeaderboardPage } from "./leaderboard-page";
import { leaderboardSearchSchema, monthQuery, monthsBack, teamSearchSchema } from "./search";
import { TargetBanner } from "./target-banner";
import { StaffPage, TeamPage } from "./team-page";
import type { LeaderboardAnswer, OwnProgress, TargetsInForce } from "./types";

const ADMIN = { ...MASTER, permissions: ["performance.read", "performance.manage", "staff.list"] };
const STAFF = { ...MASTER, role: "staff" as const, permissions: ["performance.read", "records.work"] };
const TARGETS = { monthly_omset: 100_000_000, daily_ndp: 10, daily_rdp: 15, required_success_days: 18 };

const PROGRESS: OwnProgress = {
  year: 2025,
  month: 3,
  today: "2025-03-03",
  days_elapsed: 3,
  days_in_month: 31,
  days_remaining: 28,
  staff_id: "u-1",
  staff_name: "Ana",
  today_ndp: 4,
  today_rdp: 1,
  today_target_reached: false,
  success_days: 2,
  required_success_days: 18,
  projected_success: 20,
  streak: 2,
  warning_level: 2,
  prev_month_1_success: 11,
  prev_month_2_success: 0,
  prev_month_1_counts: true,
  prev_month_2_counts: false,
  status_text: "",
  targets: TARGETS,
  targets_are_own: true,
  total_omset: 5_000_000,
  omset_percentage: 5,
  daily_breakdown: [
    { date: "2025-03-01", ndp: 11, rdp: 0, target_met: true, met_via: "NDP" },
    { date: "2025-03-02", ndp: 0, rdp: 15, target_met: true, met_via: "RDP" },
    { date: "2025-03-03", ndp: 4, rdp: 1, target_met: false, met_via: null },
  ],
};

beforeEach(() => {
  server.use(
    http.get("/api/server-time", () =>
      HttpResponse.json({ now: "2025-03-03T05:00:00Z", today: "2025-03-03", zone: "Asia/Jakarta" }),
    ),
  );
});

describe("months", () => {
  it("are counted back over the year, and asked for by number", () => {
    expect(monthsBack("2025-01", 1)).toBe("2024-12");
    expect(monthsBack("2024-12", -1)).toBe("2025-01");
    expect(monthsBack("2025-03", 24)).toBe("2023-03");
    expect(monthQuery("2025-03")).toEqual({ year: 2025, month: 3 });
    expect(monthQuery(undefined)).toEqual({});
  });

  it("begin on Monday", () => {
    expect(weekdayOf("2025-03-03")).toBe(0);
    expect(weekdayOf("2025-03-02")).toBe(6);
  });
});

describe("Leaderboard", () => {
  const row = (id: string, name: string, omset: number, place: number, ndp: number, ndpPlace: number) => ({
    staff_id: id,
    staff_name: name,
    total_omset: omset,
    total_ndp: ndp,
    total_rdp: 0,
    today_ndp: 0,
    today_rdp: 0,
    days_worked: 0,
    avg_daily_omset: null,
    avg_daily_ndp: null,
    avg_daily_rdp: null,
    omset_rank: place,
    ndp_rank: ndpPlace,
    rdp_rank: 1,
  });
  const ANSWER: LeaderboardAnswer = {
    period: "month",
    year: 2025,
    month: 3,
    end_date: "2025-03-31",
    targets: TARGETS,
    leaderboard: [
      row("a", "Ana", 900, 1, 1, 3),
      row("u-1", "Budi", 500, 2, 7, 1),
      row("c", "Cici", 500, 2, 7, 1),
    ],
  };
  const names = async () => {
    const table = await screen.findByRole("table", { name: "Leaderboard" });
    return within(table)
      .getAllByRole("rowheader")
      .map((cell) => cell.textContent);
  };

  it("shows places that are shared, and marks one's own row", async () => {
    const asked: string[] = [];
    server.use(
      http.get("/api/leaderboard", ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.json(ANSWER);
      }),
    );
    const { user, router } = await renderPage(() => <LeaderboardPage />, {
      me: STAFF,
      validateSearch: leaderboardSearchSchema,
    });
    expect(await names()).toEqual(["Place 1Ana", "Place 2Budiyou", "Place 2Cici"]);
    await user.click(screen.getByRole("tab", { name: "NDP" }));
    expect(await names()).toEqual(["Place 1Budiyou", "Place 1Cici", "Place 3Ana"]);
    await user.click(screen.getByRole("button", { name: "Month before" }));
    await user.click(screen.getByRole("button", { name: "All time" }));
    expect(router.state.location.search).toEqual({ by: "ndp", period: "all" });
    expect(asked).toEqual(["?period=month", "?period=month&year=2025&month=2", "?period=all"]);
  });

  it("fails visibly", async () => {
    server.use(http.get("/api/leaderboard", () => problem(500, { code: "internal" })));
    await renderPage(() => <LeaderboardPage />, { me: STAFF, validateSearch: leaderboardSearchSchema });
    expect(await screen.findByRole("alert")).toHaveTextContent("req-1");
  });
});

describe("Progress", () => {
  it("of staff: figures, warnings, and each day with what it was met by", async () => {
    server.use(http.get("/api/staff/target-progress", () => HttpResponse.json(PROGRESS)));
    await renderPage(() => <TeamPage />, { me: STAFF, validateSearch: teamSearchSchema });
    const days = await screen.findByRole("list", { name: "Days" });
    expect(within(days).getAllByRole("listitem")).toHaveLength(31);
    expect(within(days).getByText("Succeeded by NDP")).toBeInTheDocument();
    expect(within(days).getByText("Succeeded by RDP")).toBeInTheDocument();
    expect(screen.getByText("Last month missed")).toBeVisible();
    expect(screen.getByText("Last month: 11 days")).toBeVisible();
    expect(screen.queryByText(/The month before/)).toBeNull();
    expect(screen.getByText("2 / 18")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Change targets" })).toBeNull();
  });

  it("of the team: counts, and everybody with a way to their own page", async () => {
    server.use(
      http.get("/api/admin/staff-target-progress", () =>
        HttpResponse.json({
          ...PROGRESS,
          daily_ndp_target: 10,
          daily_rdp_target: 15,
          summary: { total_staff: 9, success_staff: 4, warning_staff: 3, critical_staff: 2 },
          staff_progress: [PROGRESS],
        }),
      ),
    );
    await renderPage(() => <TeamPage />, { me: ADMIN, validateSearch: teamSearchSchema });
    expect(await screen.findByRole("link", { name: "Ana" })).toHaveAttribute("href", "/team/u-1");
    const figures = within(screen.getByRole("region", { name: "Figures" }));
    for (const count of ["9", "4", "3", "2"]) expect(figures.getByText(count)).toBeVisible();
  });
});

describe("Targets of one staff", () => {
  const SET: TargetsInForce = { ...TARGETS, earliest_change: "2025-03-01", changes: [] };

  it("are checked here, saved with their day, and the server's refusal stands at its field", async () => {
    const sent: unknown[] = [];
    server.use(
      http.get("/api/admin/staff-target-progress/u-1", () => HttpResponse.json(PROGRESS)),
      http.get("/api/leaderboard/targets/staff/u-1", () => HttpResponse.json(SET)),
      http.put("/api/leaderboard/targets/staff/u-1", async ({ request }) => {
        sent.push(await request.json());
        return sent.length === 1
          ? problem(422, { errors: [{ field: "effective_from", message: "Choose a later day." }] })
          : HttpResponse.json(SET);
      }),
    );
    const { user } = await renderPage(() => <StaffPage staffId="u-1" />, {
      me: ADMIN,
      url: "/page?panel=targets",
      validateSearch: teamSearchSchema,
    });
    const field = await screen.findByLabelText("NDP of a day");
    const sheet = within(screen.getByRole("dialog"));
    await user.clear(field);
    await user.type(field, "0");
    await user.click(sheet.getByRole("button", { name: "Save" }));
    expect(await sheet.findByText("A whole number from 1 to 1,000.")).toBeVisible();
    await user.clear(field);
    await user.type(field, "7");
    await user.click(sheet.getByRole("button", { name: "Save" }));
    expect(await sheet.findByText("Choose a later day.")).toBeVisible();
    expect(sent).toEqual([{ ...TARGETS, daily_ndp: 7, effective_from: "2025-03-01" }]);
  });
});

describe("The banner", () => {
  it("says what today still takes, and nothing to those without targets", async () => {
    server.use(http.get("/api/staff/target-progress", () => HttpResponse.json(PROGRESS)));
    const { unmount } = await renderPage(() => <TargetBanner />, { me: STAFF });
    expect(await screen.findByText("Still 6 NDP or 14 RDP to reach today's target.")).toBeVisible();
    unmount();
    await renderPage(() => <TargetBanner />, { me: ADMIN });
    expect(screen.queryByText(/today's target/)).toBeNull();
  });
});
