import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { ClosedBooks } from "./closed-books";
import { CustomerDeposits } from "./customer-deposits";
import { Recalculate } from "./recalculate";
import { ADMIN, ANA, deposit, SUMMARY, seen, show, withDepositDesk } from "./test-desk";
import type { Recalculation } from "./types";

withDepositDesk();

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
      http.get("/api/omset", ({ request }) => {
        seen.asked.push(new URL(request.url).searchParams);
        return listed([deposit("d-1", { customer_key: "ali", depo_total: 777 })]);
      }),
    );
    const first = await renderPage(() => <CustomerDeposits customerKey="ali" />, { me: ANA });
    expect(await screen.findByText("777")).toBeVisible();
    expect(Object.fromEntries(seen.asked[0] ?? [])).toEqual({
      customer_key: "ali",
      status: "all",
      limit: "10",
    });
    first.unmount();
    const { container } = await renderPage(() => <CustomerDeposits customerKey="ali" />, { me: STAFF_USER });
    expect(container.querySelector("section[aria-label='Deposits']")).toBeNull();
  });
});
