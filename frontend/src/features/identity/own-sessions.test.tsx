import { screen, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { DESK } from "@/test/desk";
import { renderPage } from "@/test/render";
import { server } from "@/test/server";
import type { UserSession } from "./api";
import { OwnSessions } from "./own-sessions";

const HERE: UserSession = {
  id: "here",
  created_at: "2026-03-01T01:00:00+00:00",
  expires_at: "2026-03-15T01:00:00+00:00",
  last_seen_at: "2026-03-02T01:00:00+00:00",
  user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  address: "192.0.2.7",
  is_current: true,
};

let sessions: UserSession[];

beforeEach(() => {
  sessions = [
    HERE,
    {
      ...HERE,
      id: "phone",
      user_agent: "Mozilla/5.0 (Linux; Android 14) Chrome/138.0 Mobile Safari/537.36",
      is_current: false,
    },
    { ...HERE, id: "script", user_agent: "a-script/1", is_current: false },
  ];
  server.use(
    http.get("/api/auth/sessions", () => HttpResponse.json(sessions)),
    http.delete("/api/auth/sessions/:id", ({ params }) => {
      sessions = sessions.filter(({ id }) => id !== params.id);
      return new HttpResponse(null, { status: 204 });
    }),
    http.delete("/api/auth/sessions", () => {
      sessions = sessions.filter(({ is_current }) => is_current);
      return new HttpResponse(null, { status: 204 });
    }),
  );
});

it("one sees where one is signed in, and ends it one by one or all at once", async () => {
  const { user } = await renderPage(() => <OwnSessions />, { url: "/profile", me: DESK });
  const list = within(await screen.findByRole("list", { name: "Signed in" }));
  const here = list.getByText("Firefox · Linux").closest("li") as HTMLElement;
  expect(within(here).getByText("This device")).toBeVisible();
  expect(within(here).queryByRole("button")).toBeNull();
  expect(list.getByText("a-script/1")).toBeVisible();

  await user.click(list.getByRole("button", { name: "End the sign-in: Chrome · Android" }));
  await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "End" }));
  expect(await screen.findByText("The sign-in has ended")).toBeVisible();

  await user.click(await screen.findByRole("button", { name: "Sign out everywhere else" }));
  const question = await screen.findByRole("alertdialog");
  expect(question).toHaveTextContent("1 other sign-in ends at once");
  await user.click(within(question).getByRole("button", { name: "Sign out everywhere else" }));
  expect(await screen.findByText("Signed out everywhere else")).toBeVisible();
  expect(screen.queryByText("a-script/1")).toBeNull();
});
