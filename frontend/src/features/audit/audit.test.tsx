import { screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { DESK } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, server } from "@/test/server";
import type { Trace } from "./api";
import { AuditPage } from "./audit-page";
import { auditSearchSchema } from "./search";
import { targetOf } from "./target";

const trace = (patch: Partial<Trace> = {}): Trace => ({
  id: "0-1",
  at: "2026-03-01T17:01:00+00:00",
  actor_id: "u-1",
  actor_name: "Master",
  action: "user.updated",
  kind: "user",
  object_id: "u-2",
  object_name: "Sinta",
  address: "192.0.2.7",
  request_id: "r-1",
  detail: { fields: ["name", "role"] },
  ...patch,
});

let asked: URLSearchParams[];

beforeEach(() => {
  asked = [];
  server.use(
    http.get("/api/audit", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return listed([
        trace(),
        trace({
          id: "1-4",
          action: "records.assign",
          kind: "records",
          actor_name: "system",
          address: undefined,
        }),
        trace({ id: "0-9", action: "of.later", kind: "of_later" }),
      ]);
    }),
    http.get("/api/audit/actors", () => listed([{ id: "u-1", name: "Master", role: "master_admin" }])),
  );
});

const show = (url = "/admin/audit") =>
  renderPage(() => <AuditPage />, { url, me: DESK, validateSearch: auditSearchSchema });

describe("the audit log", () => {
  it("says who did what, also of what it has no words for", async () => {
    await show();
    const first = within((await screen.findByText("Changed")).closest("tr") as HTMLElement);
    for (const text of ["Users", "Sinta", "Master", "192.0.2.7"]) expect(first.getByText(text)).toBeVisible();
    const second = within(screen.getByText("Assigned").closest("tr") as HTMLElement);
    for (const text of ["Records", "the system"]) expect(second.getByText(text)).toBeVisible();
    expect(screen.getByText("of.later")).toBeVisible();
  });

  it("asks the server for what the filters say", async () => {
    const { user } = await show("/admin/audit?kind=job&from=2026-03-01&to=nonsense");
    await waitFor(() => expect(asked.at(-1)?.get("kind")).toBe("job"));
    expect(asked.at(-1)?.get("date_from")).toBe("2026-03-01");
    expect(asked.at(-1)?.has("date_to")).toBe(false);
    await user.selectOptions(
      await screen.findByLabelText("Who"),
      await screen.findByRole("option", { name: "Master" }),
    );
    await waitFor(() => expect(asked.at(-1)?.get("actor_id")).toBe("u-1"));
  });

  it("shows an entry with its details and leads to what it is about", async () => {
    const { user } = await show();
    await user.click(await screen.findByText("Changed"));
    const sheet = within(await screen.findByRole("dialog"));
    for (const text of ["name, role", "r-1", "user.updated"]) expect(sheet.getByText(text)).toBeVisible();
    expect(sheet.getByRole("link", { name: "Open" })).toHaveAttribute("href", "/admin/users?open=u-2");
  });
});

it("leads to the database whose records were moved", () => {
  expect(targetOf(trace({ kind: "records", database_id: "d-1", module: "memberwd" }))).toEqual({
    to: "/member-wd/$id",
    params: { id: "d-1" },
  });
  expect(targetOf(trace({ kind: "settings" }))).toBeNull();
});
