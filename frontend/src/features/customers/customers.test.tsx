import { screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { DESK, record, STAFF_CHOICES, STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, server } from "@/test/server";
import type { HeldRecord } from "./api";
import { otherFields } from "./columns";
import { CustomersPage } from "./customers-page";
import { customersSearchSchema, groupOf } from "./search";

const GROUPS = [
  {
    kind: "batch",
    id: "b-1",
    module: "memberwd",
    title: "Morning",
    database_id: "d-1",
    database_name: "June leads",
    product_name: "Product A",
    record_count: 50,
    created_at: "2025-02-28T02:00:00+00:00",
  },
  {
    kind: "database",
    id: "d-2",
    module: "bonanza",
    title: "Prize draw",
    database_id: "d-2",
    database_name: "Prize draw",
    product_name: "Product B",
    record_count: 1,
    created_at: "2025-02-27T02:00:00+00:00",
  },
];
const held = (number: number) =>
  record(number, {
    status: "assigned",
    assigned_to: "s-1",
    assigned_to_name: "Ana",
    assigned_at: "2025-02-28T02:00:00+00:00",
    database_id: "d-1",
    database_name: "June leads",
    module: "memberwd",
  });
let asked: URLSearchParams[] = [];

beforeEach(() => {
  asked = [];
  const answer = ({ request }: { request: Request }) => {
    asked.push(new URL(request.url).searchParams);
    return listed([held(1), held(2)]);
  };
  server.use(
    http.get("/api/my/groups", () => listed(GROUPS)),
    http.get("/api/my/records", answer),
    http.get("/api/assignments", answer),
    http.get("/api/staff-users", () => listed(STAFF_CHOICES)),
  );
});

describe("staff", () => {
  const show = (url = "/customers") =>
    renderPage(() => <CustomersPage />, { url, me: STAFF_USER, validateSearch: customersSearchSchema });

  it("sees batches and databases as cards with their counts", async () => {
    await show();
    const groups = within(await screen.findByRole("navigation", { name: "Batches and databases" }));
    expect(await groups.findByRole("button", { name: /Morning.*50 customers/ })).toBeVisible();
    expect(groups.getByRole("button", { name: /Prize draw.*1 customer/ })).toBeVisible();
  });

  it("a card shows its records; it is in the URL", async () => {
    const { user, router } = await show();
    await user.click(await screen.findByRole("button", { name: /Morning/ }));
    await waitFor(() => expect(router.state.location.search).toEqual({ group: "batch:b-1" }));
    await waitFor(() =>
      expect(Object.fromEntries(asked.at(-1) ?? [])).toEqual({
        limit: "50",
        group_kind: "batch",
        group_id: "b-1",
      }),
    );
    expect(screen.getByRole("button", { name: /Morning/ })).toHaveAttribute("aria-pressed", "true");
    expect(await screen.findByRole("columnheader", { name: "City" })).toBeVisible();
  });

  it("has the number to copy and a link to WhatsApp", async () => {
    await show();
    const row = within((await screen.findByText("user1")).closest("tr") as HTMLElement);
    expect(row.getByRole("button", { name: "Copy +628120000000" })).toBeVisible();
    expect(row.getByRole("link", { name: /WhatsApp/ })).toHaveAttribute("href", "https://wa.me/628120000000");
  });

  it("searches own records within the group", async () => {
    const { user } = await show("/customers?group=database:d-2");
    await screen.findByText("user1");
    await user.type(screen.getByRole("searchbox"), "ani");
    await waitFor(() => expect(asked.at(-1)?.get("q")).toBe("ani"));
    expect(asked.at(-1)?.get("group_id")).toBe("d-2");
  });

  it("with nothing to do is told what comes next", async () => {
    server.use(
      http.get("/api/my/groups", () => listed([])),
      http.get("/api/my/records", () => listed([])),
    );
    await show();
    expect(await screen.findByText("Customers that an admin gives you appear here.")).toBeVisible();
  });
});

describe("admin", () => {
  it("sees everybody's, by staff and module", async () => {
    const { user, router } = await renderPage(() => <CustomersPage />, {
      url: "/customers?staff_id=s-2",
      me: DESK,
      validateSearch: customersSearchSchema,
    });
    const row = within((await screen.findByText("user1")).closest("tr") as HTMLElement);
    expect(row.getByText("Ana")).toBeVisible();
    expect(row.getByRole("link", { name: "June leads" })).toHaveAttribute("href", "/member-wd/d-1");
    expect(asked[0]?.get("staff_id")).toBe("s-2");
    await user.selectOptions(screen.getByLabelText("Module"), "bonanza");
    await waitFor(() => expect(router.state.location.search).toEqual({ staff_id: "s-2", module: "bonanza" }));
    await waitFor(() => expect(asked.at(-1)?.get("module")).toBe("bonanza"));
  });
});

describe("details", () => {
  it("a group in the URL is read, nonsense is not", () => {
    expect(groupOf("batch:b:1")).toEqual({ kind: "batch", id: "b:1" });
    expect(groupOf("else:1")).toBeUndefined();
    expect(groupOf(undefined)).toBeUndefined();
  });

  it("columns that only repeat username, name or phone are left out", () => {
    const rows = [held(1), held(2)].map((row) => ({
      ...row,
      row_data: { ...row.row_data, Phone: "08120000000" },
    })) as unknown as HeldRecord[];
    expect(otherFields(rows)).toEqual(["City"]);
    expect(otherFields([])).toEqual([]);
  });
});
