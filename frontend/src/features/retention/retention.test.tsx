import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { MASTER, renderPage } from "@/test/render";
import { server } from "@/test/server";
import { BriefingCard } from "./briefing-card";
import { RetentionPage } from "./retention-page";
import { retentionSearchSchema } from "./search";
import type { DailyBriefing, RetentionAlert } from "./types";

const ADMIN = { ...MASTER, permissions: ["retention.read", "retention.team", "staff.list"] };
const STAFF = { ...MASTER, role: "staff" as const, permissions: ["retention.read", "records.work"] };

const ALERT: RetentionAlert = {
  customer_key: "ana1",
  customer_id: "Ana1",
  customer_name: "Ana",
  product_id: "p-1",
  product_name: "Product A",
  staff_id: "u-2",
  staff_name: "Sinta",
  total_deposits: 4,
  distinct_days: 3,
  total_omset: 250_000,
  first_deposit_date: "2025-01-02",
  last_deposit_date: "2025-02-21",
  days_since_deposit: 10,
  avg_days_between_deposits: 25,
  loyalty_score: 55,
  badge: "Loyal",
  phone_number: "+628120000000",
  matched_source: "Members of May",
  risk_level: "high",
};

const SUMMARY = { total: 1, critical: 0, high: 1, medium: 0 };

beforeEach(() => {
  server.use(
    http.get("/api/server-time", () =>
      HttpResponse.json({ now: "2025-03-03T05:00:00Z", today: "2025-03-03", zone: "Asia/Jakarta" }),
    ),
    http.get("/api/products", () => HttpResponse.json([{ id: "p-1", name: "Product A" }])),
    http.get("/api/staff-users", () => HttpResponse.json([{ id: "u-2", name: "Sinta" }])),
  );
});

describe("at risk", () => {
  it("filters by level, dismisses an alert and takes that back", async () => {
    const asked: (string | null)[] = [];
    const sent: unknown[] = [];
    server.use(
      http.get("/api/retention/alerts", ({ request }) => {
        asked.push(new URL(request.url).searchParams.get("risk_level"));
        return HttpResponse.json(
          { alerts: [ALERT], summary: SUMMARY },
          { headers: { "X-Total-Count": "1" } },
        );
      }),
      http.get("/api/retention/alerts/by-staff", () =>
        HttpResponse.json({ staff: [], summary: { total: 0, critical: 0, high: 0, medium: 0 } }),
      ),
      http.post("/api/retention/alerts/:what", async ({ request, params }) => {
        sent.push([params.what, await request.json()]);
        return HttpResponse.json({ message: "", until: "2025-03-10" });
      }),
    );
    const user = userEvent.setup();
    await renderPage(() => <RetentionPage />, {
      me: ADMIN,
      url: "/retention?tab=at_risk",
      validateSearch: retentionSearchSchema,
    });
    const table = await screen.findByRole("table", { name: "At risk" });
    expect(await within(table).findByText("Ana1")).toBeVisible();
    expect(within(table).getByText("Members of May")).toBeVisible();
    await user.click(screen.getByRole("button", { name: /^High/ }));
    await expect.poll(() => asked.at(-1)).toBe("high");
    await user.click(screen.getByRole("button", { name: "Dismiss the alert about Ana1" }));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    const ref = { customer_id: "ana1", product_id: "p-1" };
    await expect
      .poll(() => sent)
      .toEqual([
        ["dismiss", ref],
        ["undismiss", ref],
      ]);
  });
});

describe("the daily briefing", () => {
  it("names whom to look after, and is gone once it was seen", async () => {
    let seen = false;
    const briefing: DailyBriefing = {
      show: true,
      date: "2025-03-03",
      at_risk: { critical: [], high: [ALERT], medium: [], total_critical: 0, total_high: 7, total_medium: 0 },
      followups_by_product: {},
    };
    server.use(
      http.get("/api/retention/daily-briefing", () =>
        HttpResponse.json(seen ? { show: false, reason: "already_seen", date: "2025-03-03" } : briefing),
      ),
      http.post("/api/retention/daily-briefing/dismiss", () => {
        seen = true;
        return HttpResponse.json({ message: "" });
      }),
    );
    const user = userEvent.setup();
    await renderPage(() => <BriefingCard />, { me: STAFF });
    expect(await screen.findByText("1 of 7")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Got it" }));
    await expect.poll(() => screen.queryByText("Your daily briefing")).toBeNull();
  });
});
