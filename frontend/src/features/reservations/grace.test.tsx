import { screen, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { problem, server } from "@/test/server";
import { answer, show } from "./fixtures";
import type { CleanupPreview } from "./types";

beforeEach(answer);

describe("the days of grace", () => {
  const CONFIG = { global_grace_days: 30, warning_days: 7, product_overrides: { "p-1": 14, "p-old": 9 } };
  const entry = { customer_id: "Andi88", product_name: "Product A", staff_id: "s-1", staff_name: "Ana" };
  const PREVIEW: CleanupPreview = {
    config: CONFIG,
    total_approved_members: 40,
    expiring_soon_count: 1,
    will_be_deleted_count: 1,
    permanent_members_count: 0,
    expiring_soon: [{ ...entry, id: "e-1", remaining_days: 3, expires_on: "2025-03-05" }],
    will_be_deleted: [{ ...entry, id: "e-2", remaining_days: -1, expires_on: "2025-03-01" }],
    permanent_members: [],
  };

  beforeEach(() => {
    server.use(
      http.get("/api/reserved-members/cleanup-config", () => HttpResponse.json(CONFIG)),
      http.get("/api/scheduled-reports/reserved-member-cleanup-preview", () => HttpResponse.json(PREVIEW)),
    );
  });

  it("are saved with those of products, and the server's word is shown at its field", async () => {
    const sent: unknown[] = [];
    server.use(
      http.put("/api/reserved-members/cleanup-config", async ({ request }) => {
        sent.push(await request.json());
        return problem(400, {
          code: "bad_cleanup_config",
          errors: [{ field: "global_grace_days", message: "Too short for this desk." }],
        });
      }),
    );
    const { user } = await show("/reserved?tab=grace");
    const days = await screen.findByRole("textbox", { name: "Days" });
    const warning = screen.getByRole("textbox", { name: "Warn for the last" });
    await user.clear(warning);
    await user.type(warning, "30");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(screen.getByText(/less than the days of grace/)).toBeVisible();
    expect(sent).toEqual([]);
    await user.clear(days);
    await user.type(days, "45");
    await user.clear(screen.getByRole("textbox", { name: "Product A" }));
    await user.type(screen.getByRole("textbox", { name: "Product B" }), "60");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Too short for this desk.")).toBeVisible();
    expect(sent).toEqual([
      { global_grace_days: 45, warning_days: 30, product_overrides: { "p-old": 9, "p-2": 60 } },
    ]);
  });

  it("show what the next run does, and run it after a question", async () => {
    let runs = 0;
    server.use(
      http.post("/api/scheduled-reports/reserved-member-cleanup-run", () => {
        runs += 1;
        return HttpResponse.json({ success: true, message: "", expired_count: 1, warned_count: 1 });
      }),
    );
    const { user } = await show("/reserved?tab=grace");
    const ending = await screen.findByRole("list", { name: "Will end" });
    expect(ending).toHaveTextContent("Grace is over");
    expect(screen.getByRole("list", { name: "End soon" })).toHaveTextContent("3 days left");
    await user.click(screen.getByRole("button", { name: "Run now" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(dialog).toHaveTextContent("1 reservation ends");
    await user.click(within(dialog).getByRole("button", { name: "Run now" }));
    expect(await screen.findByText("1 ended, 1 owners warned")).toBeInTheDocument();
    expect(runs).toBe(1);
  });
});
