import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { DATABASE, DESK, PRODUCTS, STAFF_CHOICES } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { DatabasePage } from "./database-page";
import { POOLS } from "./descriptors";
import { databaseSearchSchema } from "./search";

const COUNTS = {
  dealt_count: 12,
  archived_count: 1,
  worked_count: 8,
  ada_count: 3,
  ceklis1_count: 1,
  tidak_count: 2,
  respond_ya_count: 3,
  respond_tidak_count: 0,
  validated_count: 4,
  invalid_count: 3,
  reasons: [
    { reason: "wrong_number", count: 2 },
    { reason: "duplicate", count: 1 },
  ],
};

const show = (url: string) =>
  renderPage(() => <DatabasePage pool={POOLS.normal} id="d-1" />, {
    url,
    me: DESK,
    validateSearch: databaseSearchSchema,
  });

beforeEach(() => {
  server.use(
    http.get("/api/products", () => listed(PRODUCTS)),
    http.get("/api/staff-users", () => listed(STAFF_CHOICES)),
    http.get("/api/pools/normal/databases/d-1", () => HttpResponse.json(DATABASE)),
    http.get("/api/pools/normal/databases/d-1/records", () => listed([])),
  );
});

it("quality: what the dealt records turned out to be; a figure leads to its records", async () => {
  server.use(
    http.get("/api/pools/normal/databases/d-1/quality", () =>
      HttpResponse.json({ ...COUNTS, staff: [{ ...COUNTS, staff_id: "s-1", staff_name: "Ana" }] }),
    ),
  );
  const { user, router } = await show("/databases/d-1");
  await user.click(await screen.findByRole("tab", { name: "Quality" }));
  const whole = within(screen.getByRole("region", { name: "Quality" }));
  expect(await whole.findByText("Active 3 · 1 tick 1 · No WA 2")).toBeVisible();
  expect(whole.getByText("1 of them archived")).toBeVisible();
  const row = within((await screen.findByText("Ana")).closest("tr") as HTMLElement);
  expect(row.getByText("Wrong number")).toBeVisible();
  await user.click(whole.getByRole("button", { name: /^Invalid/ }));
  await waitFor(() => expect(router.state.location.search).toEqual({ validation: "invalid" }));
  await user.click(await screen.findByRole("tab", { name: "Quality" }));
  await user.click(await screen.findByText("Ana"));
  await waitFor(() => expect(router.state.location.search).toEqual({ assigned_to: "s-1" }));
});

it("activity: who did what, page by page", async () => {
  const asked: (string | null)[] = [];
  const entry = { at: "2025-02-28T02:00:00+00:00", actor_name: "Master" };
  server.use(
    http.get("/api/pools/normal/databases/d-1/activity", ({ request }) => {
      const cursor = new URL(request.url).searchParams.get("cursor");
      asked.push(cursor);
      if (cursor) return listed([{ ...entry, id: "0-0", kind: "import" }]);
      const staff = ["Ana", "Budi", "Citra", "Dewi"].map((name, at) => ({
        staff_id: name,
        staff_name: name,
        record_count: 50 - at,
      }));
      return listed(
        [
          { ...entry, id: "1-4", kind: "database.updated" },
          { ...entry, id: "2-3", kind: "assign", reason: "replacement", record_count: 1, staff: [staff[0]] },
          { ...entry, id: "2-2", kind: "recall", record_count: 194, staff },
        ],
        { next: "c2" },
      );
    }),
  );
  const { user } = await show("/databases/d-1?tab=activity");
  expect(await screen.findByText("Database changed")).toBeVisible();
  expect(screen.getByText("Assigned as replacement")).toBeVisible();
  expect(screen.getByText("Ana (50), Budi (49), Citra (48), 1 more")).toBeVisible();
  await user.click(screen.getByRole("button", { name: /next/i }));
  expect(await screen.findByText("Imported")).toBeVisible();
  expect(asked.at(-1)).toBe("c2");
});

it("a tab that cannot be read says so and offers to try again", async () => {
  server.use(http.get("/api/pools/normal/databases/d-1/quality", () => problem(500, { code: "internal" })));
  await show("/databases/d-1?tab=quality");
  expect(await screen.findByRole("button", { name: /try again/i })).toBeVisible();
});
