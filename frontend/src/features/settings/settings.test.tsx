import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { DESK } from "@/test/desk";
import { renderPage } from "@/test/render";
import { problem, server } from "@/test/server";
import { SettingsPage } from "./settings-page";

const AUTO = {
  enabled: false,
  max_records_per_request: null,
  max_records_per_staff_per_day: 200,
  hold_hours: 24,
};
const CODES = [
  { code: "wrong_number", is_active: true },
  { code: "duplicate", is_active: false },
  { code: "other", is_active: true },
];

const LIMITS = {
  opens_per_hour: 300,
  opens_per_day: 1500,
  searches_per_hour: 1000,
  searches_per_day: null,
  rows_per_hour: 200000,
  rows_per_day: 1000000,
  alarm_factor: 5,
};

const show = (me = DESK) => renderPage(() => <SettingsPage />, { me });

beforeEach(() => {
  server.use(
    http.get("/api/settings/auto-approve", () => HttpResponse.json(AUTO)),
    http.get("/api/settings/reason-codes", () => HttpResponse.json(CODES)),
    http.get("/api/settings/access-limits", () => HttpResponse.json(LIMITS)),
    http.get("/api/pools/:module/settings", () =>
      HttpResponse.json({ auto_replace_invalid: false, max_replacements_per_batch: 10 }),
    ),
  );
});

describe("settings", () => {
  it("auto-approval: an empty limit is none", async () => {
    let sent: unknown;
    server.use(
      http.put("/api/settings/auto-approve", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ ...AUTO, ...(sent as object) });
      }),
    );
    const { user } = await show();
    const perDay = await screen.findByLabelText("At most per staff and day");
    expect(perDay).toHaveValue("200");
    await user.click(screen.getByRole("switch", { name: "Approve requests at once" }));
    await user.clear(perDay);
    await user.type(screen.getByLabelText("At most per request"), "50");
    await user.click(screen.getAllByRole("button", { name: "Save" })[0] as HTMLElement);
    expect(await screen.findByText("Saved")).toBeInTheDocument();
    expect(sent).toEqual({
      enabled: true,
      max_records_per_request: 50,
      max_records_per_staff_per_day: null,
      hold_hours: 24,
    });
  });

  it("auto-approval: a figure out of its range is refused here, one the server refuses is shown at its field", async () => {
    server.use(
      http.put("/api/settings/auto-approve", () =>
        problem(422, { code: "invalid", errors: [{ field: "hold_hours", message: "Too long for us." }] }),
      ),
    );
    const { user } = await show();
    const hours = await screen.findByLabelText("Hold for (hours)");
    await user.clear(hours);
    await user.type(hours, "0");
    await user.click(screen.getAllByRole("button", { name: "Save" })[0] as HTMLElement);
    expect(await screen.findByText("A whole number from 1 to 720.")).toBeVisible();
    await user.clear(hours);
    await user.type(hours, "700");
    await user.click(screen.getAllByRole("button", { name: "Save" })[0] as HTMLElement);
    expect(await screen.findByText("Too long for us.")).toBeVisible();
  });

  it("reasons are switched, all of them sent in their order; refused, they go back", async () => {
    const sent: unknown[] = [];
    server.use(
      http.put("/api/settings/reason-codes", async ({ request }) => {
        sent.push(await request.json());
        return problem(503, { code: "busy" });
      }),
    );
    const { user } = await show();
    const duplicate = await screen.findByRole("switch", { name: "Duplicate" });
    expect(screen.getByRole("switch", { name: /Other reason/ })).toBeDisabled();
    await user.click(duplicate);
    await waitFor(() =>
      expect(sent).toEqual([
        {
          codes: [CODES[0], { code: "duplicate", is_active: true }, CODES[2]],
        },
      ]),
    );
    await waitFor(() => expect(duplicate).not.toBeChecked());
  });

  it("access: limits are figures or none, the factor may be broken", async () => {
    let sent: unknown;
    server.use(
      http.put("/api/settings/access-limits", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ ...LIMITS, ...(sent as object) });
      }),
    );
    const { user } = await show();
    const opens = await screen.findByLabelText("Customers opened, Per hour");
    const factor = screen.getByLabelText("Alert admins at");
    const save = within(opens.closest("form") as HTMLElement).getByRole("button", { name: "Save" });
    await user.clear(opens);
    await user.clear(factor);
    await user.type(factor, "1");
    await user.click(save);
    expect(await screen.findByText("A number from 1.5 to 1000.")).toBeVisible();
    expect(sent).toBeUndefined();
    await user.clear(factor);
    await user.type(factor, "2.5");
    await user.click(save);
    await waitFor(() => expect(sent).toEqual({ ...LIMITS, opens_per_hour: null, alarm_factor: 2.5 }));
  });

  it("shows only what one may change", async () => {
    await show({ ...DESK, permissions: DESK.permissions.filter((name) => name !== "validation.manage") });
    expect(await screen.findByLabelText("Hold for (hours)")).toBeVisible();
    expect(screen.queryByText("Rejected records")).toBeNull();
    expect(screen.queryByText("Reasons for rejecting")).toBeNull();
  });
});
