import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { DESK } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { JobsPage } from "./jobs-page";
import { jobsSearchSchema } from "./search";
import type { Job, RunDetail } from "./types";

const RUN: RunDetail = {
  id: "r-1",
  kind: "caught_up",
  state: "succeeded",
  due_at: "2026-03-01T17:01:00+00:00",
  started_at: "2026-03-01T18:00:00+00:00",
  ended_at: "2026-03-01T18:00:00+00:00",
  attempt_count: 3,
  duration_ms: 1234,
  result: { warned: 2, expired: 1200 },
  attempts: [
    { number: 1, state: "failed", started_at: "2026-03-01T17:58:00+00:00", error: "RuntimeError" },
    { number: 2, state: "lost", started_at: "2026-03-01T17:59:00+00:00", error: "ProcessEnded" },
    { number: 3, state: "succeeded", started_at: "2026-03-01T18:00:00+00:00" },
  ],
};

const job = (patch: Partial<Job> = {}): Job => ({
  key: "reservation_cleanup",
  schedule: "00:01",
  default_schedule: "00:01",
  essential: true,
  paused: false,
  next_due: "2026-03-02T17:01:00+00:00",
  last_run: RUN,
  ...patch,
});

let jobs: Job[];
let sent: { path: string; body: unknown }[];

beforeEach(() => {
  jobs = [job(), job({ key: "request_expiry", schedule: "*/5 * * * *", default_schedule: "*/5 * * * *" })];
  sent = [];
  server.use(
    http.get("/api/jobs", () => listed(jobs)),
    http.get("/api/jobs/:key/runs", () => listed([RUN])),
    http.patch("/api/jobs/:key", async ({ request }) => {
      sent.push({ path: new URL(request.url).pathname, body: await request.json() });
      return HttpResponse.json(jobs[0]);
    }),
    http.post("/api/jobs/:key/run", ({ request }) => {
      sent.push({ path: new URL(request.url).pathname, body: request.headers.get("Idempotency-Key") });
      return HttpResponse.json(jobs[0]);
    }),
  );
});

const show = (url = "/admin/settings/jobs") =>
  renderPage(() => <JobsPage />, { url, me: DESK, validateSearch: jobsSearchSchema });

const row = async (name: string) => within((await screen.findByText(name)).closest("tr") as HTMLElement);

describe("scheduled work", () => {
  it("says when each job runs, how it went and what it did", async () => {
    jobs.push(
      job({
        key: "of_later",
        schedule: "15 4 * * mon",
        paused: true,
        next_due: undefined,
        last_run: { ...RUN, state: "failed", result: undefined, error: "TookTooLong" },
      }),
    );
    await show();
    const first = await row("End reservations without deposits");
    expect(first.getByText("Every day at 00:01")).toBeVisible();
    expect(first.getByText("Done")).toBeVisible();
    expect(first.getByText("1.23 s")).toBeVisible();
    expect(first.getByText("Owners warned: 2 · Ended: 1,200")).toBeVisible();
    expect((await row("Close expired requests")).getByText("Every 5 minutes")).toBeVisible();
    const later = await row("of_later");
    for (const text of ["15 4 * * mon", "Failed", "Paused", "It took too long and was ended."]) {
      expect(later.getByText(text)).toBeVisible();
    }
  });

  it("runs one now, with a key of its own, and not while it runs", async () => {
    jobs[1] = job({ key: "request_expiry", open_run: { ...RUN, state: "running" } });
    const { user } = await show();
    const busy = await row("Close expired requests");
    expect(busy.getByText("Running")).toBeVisible();
    expect(busy.getByRole("button", { name: /^Run now/ })).toBeDisabled();
    await user.click(
      (await row("End reservations without deposits")).getByRole("button", { name: /^Run now/ }),
    );
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toEqual({
      path: "/api/jobs/reservation_cleanup/run",
      body: expect.stringMatching(/.{8,}/),
    });
  });

  it("shows the attempts of a run that did not go smoothly", async () => {
    await show("/admin/settings/jobs?open=reservation_cleanup");
    const attempts = within(await screen.findByRole("list", { name: "Attempts" })).getAllByRole("listitem");
    expect(attempts.map((item) => item.textContent)).toEqual([
      expect.stringContaining("failed · Failed inside the server (RuntimeError)"),
      expect.stringContaining("the process ended; another took over"),
      expect.stringContaining("done"),
    ]);
    expect(screen.getByText(/^Caught up/)).toBeVisible();
  });

  it("pauses after asking, and says that people rely on it", async () => {
    const { user } = await show("/admin/settings/jobs?open=reservation_cleanup");
    await user.click(await screen.findByRole("button", { name: "Pause" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    expect(dialog.getByText(/People rely on this/)).toBeVisible();
    await user.click(dialog.getByRole("button", { name: "Pause" }));
    await waitFor(() => expect(sent[0]?.body).toEqual({ paused: true, confirmed: true }));
  });

  it("a schedule the server refuses is said at the field", async () => {
    server.use(
      http.patch("/api/jobs/:key", () =>
        problem(422, {
          code: "invalid_input",
          detail: "no",
          errors: [{ field: "schedule", message: "There is no such date." }],
        }),
      ),
    );
    const { user } = await show("/admin/settings/jobs?open=request_expiry&panel=schedule");
    const field = await screen.findByLabelText("Cron expression");
    await user.clear(field);
    await user.type(field, "0 0 31");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Five fields, separated by spaces.")).toBeVisible();
    await user.type(field, " 2 *");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("There is no such date.")).toBeVisible();
  });

  it("a fixed time takes the place of an expression", async () => {
    const { user } = await show("/admin/settings/jobs?open=request_expiry&panel=schedule");
    await user.click(await screen.findByRole("radio", { name: "Every day at a fixed time" }));
    const time = screen.getByLabelText("Time");
    await user.clear(time);
    await user.type(time, "06:30");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent[0]?.body).toEqual({ schedule: "06:30", confirmed: false }));
  });
});
