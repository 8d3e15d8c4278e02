import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import type { PageKey } from "@/api/session";
import { MASTER, renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import type { User } from "./api";
import { mayManage } from "./rank";
import { usersSearchSchema } from "./search";
import { changesOf } from "./user-sheet";
import { UsersPage } from "./users-page";

const STAFF: User = {
  id: "s-1",
  email: "staff@example.test",
  name: "Staff One",
  role: "staff",
  is_active: true,
  capacity: 50,
  blocked_pages: ["inbox"],
  language: "id",
  presence: "idle",
  last_seen_at: "2025-03-01T01:00:00+00:00",
  created_at: "2025-01-01T00:00:00+00:00",
};
const SELF: User = { ...STAFF, id: MASTER.id, name: "Master", email: MASTER.email, role: "master_admin" };

const show = (url = "/admin/users", me = MASTER) => {
  server.use(
    http.get("/api/users", () => listed([SELF, STAFF])),
    http.get("/api/users/s-1/sessions", () => HttpResponse.json([])),
    http.get("/api/users/s-1/tokens", () => HttpResponse.json([])),
  );
  return renderPage(() => <UsersPage />, { url, me, validateSearch: usersSearchSchema });
};

describe("users", () => {
  it("are listed with role and presence as text", async () => {
    await show();
    const row = (await screen.findByText("Staff One")).closest("tr") as HTMLElement;
    expect(within(row).getByText("Staff")).toBeVisible();
    expect(within(row).getByText("Idle")).toBeVisible();
    expect(within(row).getByText("50")).toBeVisible();
  });

  it("a new one is created from the form", async () => {
    let sent: unknown;
    server.use(
      http.post("/api/users", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ ...STAFF, id: "s-2", name: "Staff Two" }, { status: 201 });
      }),
    );
    const { user } = await show();
    await user.click(await screen.findByRole("button", { name: "New user" }));
    const dialog = await screen.findByRole("dialog", { name: "New user" });
    await user.click(within(dialog).getByRole("button", { name: "Create" }));
    expect(await within(dialog).findByText("Enter a name.")).toBeVisible();
    expect(sent).toBeUndefined();
    await user.type(within(dialog).getByLabelText("Name"), "Staff Two");
    await user.type(within(dialog).getByLabelText("Email"), "two@example.test");
    await user.type(within(dialog).getByLabelText("Password"), "long enough");
    await user.type(within(dialog).getByLabelText(/Capacity/), "25");
    await user.click(within(dialog).getByRole("checkbox", { name: "Today" }));
    await user.click(within(dialog).getByRole("button", { name: "Create" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(sent).toEqual({
      name: "Staff Two",
      email: "two@example.test",
      role: "staff",
      password: "long enough",
      capacity: 25,
      blocked_pages: ["today"],
    });
  });

  it("an email in use is said at the field, and nothing typed is lost", async () => {
    server.use(http.post("/api/users", () => problem(409, { code: "email_taken" })));
    const { user } = await show();
    await user.click(await screen.findByRole("button", { name: "New user" }));
    const dialog = await screen.findByRole("dialog");
    await user.type(within(dialog).getByLabelText("Name"), "Staff Two");
    await user.type(within(dialog).getByLabelText("Email"), "staff@example.test");
    await user.type(within(dialog).getByLabelText("Password"), "long enough");
    await user.click(within(dialog).getByRole("button", { name: "Create" }));
    await waitFor(() =>
      expect(within(dialog).getByLabelText("Email")).toHaveAccessibleDescription(
        "This email is already in use.",
      ),
    );
    expect(within(dialog).getByLabelText("Name")).toHaveValue("Staff Two");
  });

  it("editing sends only what changed; the sheet has an address", async () => {
    let sent: unknown;
    server.use(
      http.patch("/api/users/s-1", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json(STAFF);
      }),
    );
    const { user, router } = await show("/admin/users?open=s-1");
    const dialog = await screen.findByRole("dialog", { name: "Staff One" });
    await user.click(within(dialog).getByRole("switch", { name: "Active" }));
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent).toEqual({ is_active: false }));
    await waitFor(() => expect(router.state.location.search).toEqual({}));
  });

  it("removing says the consequence and wants the word", async () => {
    let removed = false;
    server.use(
      http.delete("/api/users/s-1", () => {
        removed = true;
        return HttpResponse.json({ recalled_count: 3, released_count: 1 });
      }),
    );
    const { user } = await show("/admin/users?open=s-1");
    await user.click(await screen.findByRole("button", { name: "Remove" }));
    const confirm = await screen.findByRole("alertdialog", { name: "Remove Staff One?" });
    const button = within(confirm).getByRole("button", { name: "Remove" });
    expect(button).toBeDisabled();
    await user.type(within(confirm).getByRole("textbox"), "remove");
    await user.click(button);
    await waitFor(() => expect(removed).toBe(true));
    expect(await screen.findByText("Staff One removed, 4 records are back in the pool")).toBeVisible();
  });

  it("closing the sheet puts the focus back on its row", async () => {
    const { user } = await show();
    await screen.findByText("Staff One");
    await user.keyboard("jj{Enter}");
    await screen.findByRole("dialog", { name: "Staff One" });
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(screen.getByText("Staff One").closest("tr")).toHaveFocus());
  });

  it("are narrowed to a presence by the address", async () => {
    const asked: (string | null)[] = [];
    const { user } = await show();
    server.use(
      http.get("/api/users", ({ request }) => {
        asked.push(new URL(request.url).searchParams.get("presence"));
        return listed([STAFF]);
      }),
    );
    await user.selectOptions(await screen.findByLabelText("Status"), "idle");
    await waitFor(() => expect(asked).toEqual(["idle"]));
  });

  it("where somebody is signed in is shown, and ended after a question", async () => {
    let sessions = [
      {
        id: "session-1",
        created_at: "2025-03-01T01:00:00+00:00",
        last_seen_at: "2025-03-02T01:00:00+00:00",
        expires_at: "2025-03-15T01:00:00+00:00",
        user_agent: "A browser",
        address: "192.0.2.7",
        is_current: false,
      },
    ];
    server.use(
      http.get("/api/users/s-1/sessions", () => HttpResponse.json(sessions)),
      http.get("/api/users/s-1/tokens", () => HttpResponse.json([])),
      http.delete("/api/users/s-1/sessions", () => {
        sessions = [];
        return new HttpResponse(null, { status: 204 });
      }),
      http.get("/api/users", () => listed([SELF, STAFF])),
    );
    const { user } = await renderPage(() => <UsersPage />, {
      url: "/admin/users?open=s-1",
      me: MASTER,
      validateSearch: usersSearchSchema,
    });
    expect(await screen.findByText("A browser")).toBeVisible();
    expect(screen.getByText(/192\.0\.2\.7/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Sign out everywhere" }));
    const question = await screen.findByRole("alertdialog");
    expect(question).toHaveTextContent("1 sign-in ends at once");
    await user.click(within(question).getByRole("button", { name: "Sign out everywhere" }));
    expect(await screen.findByText("Nowhere at the moment.")).toBeVisible();
  });

  it("nobody opens the sheet of oneself", async () => {
    await show(`/admin/users?open=${MASTER.id}`);
    await screen.findByText("Staff One");
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

describe("rank", () => {
  const admin = { ...MASTER, id: "a-1", permissions: ["users.read", "users.manage"] };
  it.each([
    ["master may manage an admin", MASTER, { id: "x", role: "admin" as const }, true],
    ["an admin may not manage an admin", admin, { id: "x", role: "admin" as const }, false],
    ["an admin may manage staff", admin, { id: "x", role: "staff" as const }, true],
    ["nobody manages a master", MASTER, { id: "x", role: "master_admin" as const }, false],
    ["nobody manages himself", admin, { id: "a-1", role: "staff" as const }, false],
  ])("%s", (_name, me, target, allowed) => {
    expect(mayManage(me, target)).toBe(allowed);
  });
});

describe("changesOf", () => {
  const same = {
    name: STAFF.name,
    email: STAFF.email,
    role: STAFF.role,
    password: "",
    capacity: "50",
    is_active: true,
    blocked_pages: ["inbox"] as PageKey[],
  };
  it.each([
    ["nothing", {}, {}],
    ["an emptied capacity", { capacity: "" }, { capacity: null }],
    ["a capacity of nought", { capacity: "0" }, { capacity: 0 }],
    ["a new role drops the capacity", { role: "admin" as const }, { role: "admin", capacity: null }],
    ["pages", { blocked_pages: ["today", "inbox"] as PageKey[] }, { blocked_pages: ["today", "inbox"] }],
    ["a password", { password: "another one" }, { password: "another one" }],
  ])("%s", (_name, patch, expected) => {
    expect(changesOf(STAFF, { ...same, ...patch })).toEqual(expected);
  });
});
