import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { DESK, STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { problem, server } from "@/test/server";
import { OwnTokens, TokenList } from ".";
import type { ApiToken } from "./api";

const TOKEN: ApiToken = {
  id: "t-1",
  name: "Nightly script",
  hint: "x9Zk",
  scopes: ["read", "export"],
  created_at: "2026-03-01T01:00:00+00:00",
  expires_at: "2099-03-01T01:00:00+00:00",
  is_expired: false,
  last_used_at: null,
};

let tokens: ApiToken[];
let sent: unknown[];

beforeEach(() => {
  tokens = [TOKEN, { ...TOKEN, id: "t-2", name: "Old script", hint: "old1", is_expired: true }];
  sent = [];
  server.use(
    http.get("/api/tokens", () => HttpResponse.json(tokens)),
    http.post("/api/tokens", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ ...TOKEN, name: "Report", token: "crmb_pat_made-up" }, { status: 201 });
    }),
    http.delete("/api/tokens/:id", ({ params }) => {
      tokens = tokens.filter(({ id }) => id !== params.id);
      return new HttpResponse(null, { status: 204 });
    }),
  );
});

const show = (me = DESK) => renderPage(() => <OwnTokens />, { url: "/profile", me });

describe("tokens for scripts", () => {
  it("say what they may, until when, and whether anything uses them", async () => {
    await show();
    const [first, second] = within(
      await screen.findByRole("list", { name: "Tokens for scripts" }),
    ).getAllByRole("listitem");
    expect(first).toHaveTextContent("Nightly script…x9ZkRead, Take files · never used · until");
    expect(within(second as HTMLElement).getByText("Expired")).toBeVisible();
  });

  it("a new one is shown once, and not kept on the page", async () => {
    const { user } = await show();
    await user.click(await screen.findByRole("button", { name: "New token" }));
    const sheet = within(await screen.findByRole("dialog", { name: "New token" }));
    await user.click(sheet.getByRole("checkbox", { name: /^Read/ }));
    await user.click(sheet.getByRole("button", { name: "Create" }));
    expect(await sheet.findByText("Enter a name.")).toBeVisible();
    expect(sheet.getByText("Choose at least one.")).toBeVisible();
    await user.type(sheet.getByLabelText("Name"), "Report");
    await user.click(sheet.getByRole("checkbox", { name: /^Manage/ }));
    await user.click(sheet.getByRole("checkbox", { name: /^Read/ }));
    await user.selectOptions(sheet.getByLabelText("Ends after"), "30 days");
    await user.click(sheet.getByRole("button", { name: "Create" }));
    const dialog = within(await screen.findByRole("dialog", { name: "The token Report" }));
    expect(sent).toEqual([{ name: "Report", scopes: ["read", "manage"], expires_in_days: 30 }]);
    expect(dialog.getByText("crmb_pat_made-up")).toBeVisible();
    await user.click(dialog.getByRole("button", { name: "I have kept it" }));
    await waitFor(() => expect(screen.queryByText("crmb_pat_made-up")).toBeNull());
  });

  it("who manages nothing is offered no such scope, and a refusal is said", async () => {
    server.use(http.post("/api/tokens", () => problem(409, { code: "too_many_tokens", detail: "no" })));
    const { user } = await show(STAFF_USER);
    await user.click(await screen.findByRole("button", { name: "New token" }));
    const sheet = within(await screen.findByRole("dialog", { name: "New token" }));
    expect(sheet.queryByRole("checkbox", { name: /^Manage/ })).toBeNull();
    await user.type(sheet.getByLabelText("Name"), "Report");
    await user.click(sheet.getByRole("button", { name: "Create" }));
    expect(await sheet.findByRole("alert")).toHaveTextContent("as many tokens as one person can have");
  });

  it("one is ended after a question", async () => {
    const { user } = await show();
    await user.click(await screen.findByRole("button", { name: "End the token Nightly script" }));
    const question = within(await screen.findByRole("alertdialog"));
    expect(question.getByText(/refused from its next request on/)).toBeVisible();
    await user.click(question.getByRole("button", { name: "End" }));
    await waitFor(() => expect(screen.queryByText("Nightly script")).toBeNull());
    expect(screen.getByText("Old script")).toBeVisible();
  });

  it("those of somebody below are read from there", async () => {
    server.use(http.get("/api/users/s-1/tokens", () => HttpResponse.json([])));
    await renderPage(() => <TokenList userId="s-1" />, { url: "/admin/users", me: DESK });
    expect(await screen.findByText("No tokens.")).toBeVisible();
  });
});
