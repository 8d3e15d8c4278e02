import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { DATABASE, DESK, PRODUCTS, record, STAFF_CHOICES } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { DatabasePage } from "./database-page";
import { POOLS } from "./descriptors";
import { databaseSearchSchema } from "./search";

const HELD = record(2, {
  status: "assigned",
  assigned_to: "s-1",
  assigned_to_name: "Ana",
  validation_status: "invalid",
  validation_reason: "wrong_number",
});
let asked: URLSearchParams[] = [];

const show = (url = "/databases/d-1", me = DESK) =>
  renderPage(() => <DatabasePage pool={POOLS.normal} id="d-1" />, {
    url,
    me,
    validateSearch: databaseSearchSchema,
  });

beforeEach(() => {
  asked = [];
  server.use(
    http.get("/api/products", () => listed(PRODUCTS)),
    http.get("/api/staff-users", () => listed(STAFF_CHOICES)),
    http.get("/api/pools/normal/databases/d-1", () => HttpResponse.json(DATABASE)),
    http.get("/api/pools/normal/databases/d-1/records", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return listed([record(1), HELD], { total: 1234, next: "c2" });
    }),
  );
});

describe("what is shown", () => {
  it("the file's own columns as text, what the desk knows beside them", async () => {
    await show();
    const row = within((await screen.findByText("user2")).closest("tr") as HTMLElement);
    expect(row.getByText("Bandung")).toBeVisible();
    expect(row.getByText("Assigned")).toBeVisible();
    expect(row.getByText("Ana")).toBeVisible();
    expect(row.getByText("Wrong number")).toBeVisible();
    expect(screen.getByRole("columnheader", { name: "City" })).toBeVisible();
    // Username, name and phone stand in the columns that the desk has for them.
    expect(screen.queryByRole("columnheader", { name: "User" })).toBeNull();
  });

  it("text of a file is never HTML", async () => {
    server.use(
      http.get("/api/pools/normal/databases/d-1/records", () =>
        listed([record(1, { customer_id: "<img src=x onerror=alert(1)>" })]),
      ),
    );
    const { container } = await show();
    expect(await screen.findByText("<img src=x onerror=alert(1)>")).toBeVisible();
    expect(container.querySelector("img[src=x]")).toBeNull();
  });

  it("an unknown database is a page that says so", async () => {
    server.use(
      http.get("/api/pools/normal/databases/d-1", () => problem(404, { code: "unknown_database" })),
      http.get("/api/pools/normal/databases/d-1/records", () => problem(404, { code: "unknown_database" })),
    );
    await show();
    expect(await screen.findByText("404")).toBeVisible();
  });
});

describe("filters", () => {
  it("come from the URL", async () => {
    await show("/databases/d-1?status=assigned&assigned_to=s-2&q=ana");
    await screen.findByText("user2");
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
      status: "assigned",
      assigned_to: "s-2",
      q: "ana",
      limit: "50",
    });
  });

  it("a verdict and conflicts are asked of the server", async () => {
    const { user, router } = await show("/databases/d-1?validation=invalid");
    await screen.findByText("user2");
    expect(asked[0]?.get("validation")).toBe("invalid");
    await user.click(screen.getByRole("button", { name: /^Conflicts/ }));
    await waitFor(() =>
      expect(router.state.location.search).toEqual({ validation: "invalid", status: "conflict" }),
    );
    await waitFor(() => expect(asked.at(-1)?.get("status")).toBe("conflict"));
    await user.selectOptions(screen.getByRole("combobox", { name: "Validation" }), "Valid");
    await waitFor(() => expect(asked.at(-1)?.get("validation")).toBe("validated"));
  });

  it("a count is a filter of the rows below it, on and off", async () => {
    const { user, router } = await show();
    const tile = await screen.findByRole("button", { name: /^Assigned\s*200/ });
    expect(tile).toHaveAttribute("aria-pressed", "false");
    await user.click(tile);
    await waitFor(() => expect(router.state.location.search).toEqual({ status: "assigned" }));
    await waitFor(() => expect(asked.at(-1)?.get("status")).toBe("assigned"));
    expect(screen.getByRole("button", { name: /^Assigned\s*200/ })).toHaveAttribute("aria-pressed", "true");
    await user.click(screen.getByRole("button", { name: /^Total\s*1,234/ }));
    await waitFor(() => expect(router.state.location.search).toEqual({}));
  });
});

describe("one record", () => {
  it("opens by its address with every cell and its history", async () => {
    server.use(
      http.get("/api/records/r-2/history", () =>
        listed([
          {
            at: "2025-02-28T02:00:00+00:00",
            actor_name: "Master",
            kind: "import",
            from_state: null,
            to_state: "available",
          },
          {
            at: "2025-02-28T05:00:00+00:00",
            actor_name: "Master",
            kind: "assign",
            from_state: "available",
            to_state: "assigned",
            holder_name: "Ana",
          },
        ]),
      ),
    );
    const { user, router } = await show("/databases/d-1?open=r-2");
    const sheet = within(await screen.findByRole("dialog", { name: "user2" }));
    expect(sheet.getByText("0812")).toBeVisible();
    expect(await sheet.findByText("Imported")).toBeVisible();
    expect(sheet.getByText("Available → Assigned")).toBeVisible();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(router.state.location.search).toEqual({}));
  });
});

describe("selected records", () => {
  async function select(names: string[], url?: string) {
    const view = await show(url);
    for (const name of names) {
      const row = within((await screen.findByText(name)).closest("tr") as HTMLElement);
      await view.user.click(row.getByRole("checkbox"));
    }
    return { ...view, bar: within(screen.getByRole("region", { name: "Selected rows" })) };
  }

  it("recall: asks with the count, sends one key, offers the way back", async () => {
    let sent: { body: unknown; key: string | null } | undefined;
    server.use(
      http.post("/api/pools/normal/recall", async ({ request }) => {
        sent = { body: await request.json(), key: request.headers.get("Idempotency-Key") };
        return HttpResponse.json({ operation_id: "op-7", recalled_count: 1 });
      }),
    );
    const { user, bar } = await select(["user2"]);
    await user.click(bar.getByRole("button", { name: "Recall" }));
    const dialog = within(await screen.findByRole("alertdialog", { name: "Recall 1 record?" }));
    await user.click(dialog.getByRole("button", { name: "Recall 1 record" }));
    await waitFor(() => expect(sent?.body).toEqual({ record_ids: ["r-2"] }));
    expect(sent?.key).toBeTruthy();
    expect(await screen.findByText("1 record recalled")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Undo" })).toBeInTheDocument();
    expect(screen.queryByRole("region", { name: "Selected rows" })).toBeNull();
  });

  it("offers only what their states allow", async () => {
    const { bar } = await select(["user1"]);
    expect(bar.getByRole("button", { name: "Assign" })).toBeEnabled();
    expect(bar.getByRole("button", { name: "Recall" })).toBeDisabled();
  });

  it("trash: held records only when that is ticked", async () => {
    const bodies: unknown[] = [];
    server.use(
      http.post("/api/pools/normal/records/trash", async ({ request }) => {
        const body = (await request.json()) as { force: boolean };
        bodies.push(body);
        return body.force
          ? HttpResponse.json({ operation_id: "op-8", deleted_count: 1 })
          : problem(409, { code: "assigned_need_force", assigned_count: 1 });
      }),
    );
    const { user, bar } = await select(["user2"]);
    await user.click(bar.getByRole("button", { name: "Delete" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    expect(dialog.getByText("1 of them is in somebody's hands.")).toBeVisible();
    await user.click(dialog.getByRole("button", { name: "Delete 1 record" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("Tick the box");
    await user.click(dialog.getByRole("checkbox"));
    await user.click(dialog.getByRole("button", { name: "Delete 1 record" }));
    await waitFor(() => expect(bodies.at(-1)).toEqual({ record_ids: ["r-2"], force: true }));
  });

  it("in the trash can only be restored", async () => {
    let body: unknown;
    server.use(
      http.post("/api/pools/normal/records/restore", async ({ request }) => {
        body = await request.json();
        return HttpResponse.json({ operation_id: "op-9", restored_count: 1 });
      }),
    );
    const { user, bar } = await select(["user1"], "/databases/d-1?status=trashed");
    expect(bar.queryByRole("button", { name: "Assign" })).toBeNull();
    await user.click(bar.getByRole("button", { name: "Restore" }));
    await waitFor(() => expect(body).toEqual({ record_ids: ["r-1"] }));
  });
});

describe("the database", () => {
  it("is deleted only with its consequence in sight, and with force when records are held", async () => {
    let force: string | null = null;
    server.use(
      http.delete("/api/pools/normal/databases/d-1", ({ request }) => {
        force = new URL(request.url).searchParams.get("force");
        return HttpResponse.json({ deleted_id: "d-1", recalled_count: 200, released_count: 0 });
      }),
    );
    const { user, router } = await show();
    await user.click(await screen.findByRole("button", { name: "Delete" }));
    const dialog = within(await screen.findByRole("alertdialog", { name: "Delete June leads?" }));
    expect(dialog.getByText(/1,234 records goes to the trash/)).toBeVisible();
    expect(dialog.getByText("200 records are in somebody's hands.")).toBeVisible();
    await user.click(dialog.getByRole("checkbox"));
    await user.click(dialog.getByRole("button", { name: "Delete database" }));
    await waitFor(() => expect(force).toBe("true"));
    await waitFor(() => expect(router.state.location.pathname).toBe("/databases"));
  });

  it("is renamed: only what was changed is sent", async () => {
    let body: unknown;
    server.use(
      http.patch("/api/pools/normal/databases/d-1", async ({ request }) => {
        body = await request.json();
        return HttpResponse.json({ ...DATABASE, name: "July leads" });
      }),
    );
    const { user } = await show("/databases/d-1?panel=edit");
    const sheet = within(await screen.findByRole("dialog", { name: "Edit database" }));
    await user.clear(sheet.getByLabelText("Name"));
    await user.click(sheet.getByRole("button", { name: "Save" }));
    expect(await sheet.findByText("Give the database a name.")).toBeVisible();
    await user.type(sheet.getByLabelText("Name"), "July leads");
    await user.click(sheet.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(body).toEqual({ name: "July leads" }));
  });

  it("offers a reader nothing to change", async () => {
    await show("/databases/d-1", { ...DESK, permissions: ["databases.read"] });
    await screen.findByText("user1");
    for (const name of ["Assign", "Delete", "Edit"]) {
      expect(screen.queryByRole("button", { name })).toBeNull();
    }
  });
});
