import { screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it, vi } from "vitest";
import { MASTER, renderPage } from "@/test/render";
import { problem, server } from "@/test/server";
import { SignInForm, safeNext } from "./sign-in-page";

describe("sign-in", () => {
  it("names the empty fields and asks nothing of the server", async () => {
    const asked = vi.fn();
    server.use(http.post("/api/auth/login", asked));
    const { user } = await renderPage(() => <SignInForm onDone={() => {}} />);
    await user.click(await screen.findByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("Enter your email.")).toBeVisible();
    expect(screen.getByLabelText("Email")).toHaveAccessibleDescription("Enter your email.");
    expect(screen.getByLabelText("Email")).toBeInvalid();
    expect(screen.getByText("Enter your password.")).toBeVisible();
    expect(asked).not.toHaveBeenCalled();
  });

  it("says that the pair is wrong, keeps the email, and stays", async () => {
    server.use(http.post("/api/auth/login", () => problem(401, { code: "wrong_credentials" })));
    const onDone = vi.fn();
    const { user } = await renderPage(() => <SignInForm onDone={onDone} />);
    await user.type(await screen.findByLabelText("Email"), "a@example.test");
    await user.type(screen.getByLabelText("Password"), "wrong{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("Email or password is wrong.");
    expect(screen.getByLabelText("Email")).toHaveValue("a@example.test");
    expect(onDone).not.toHaveBeenCalled();
  });

  it("says how long to wait when throttled", async () => {
    server.use(
      http.post("/api/auth/login", () =>
        problem(429, { code: "too_many_requests" }, { "Retry-After": "42" }),
      ),
    );
    const { user } = await renderPage(() => <SignInForm onDone={() => {}} />);
    await user.type(await screen.findByLabelText("Email"), "a@example.test");
    await user.type(screen.getByLabelText("Password"), "wrong{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("Try again in 42 seconds.");
  });

  it("takes over the session of the answer", async () => {
    let csrf: string | null = null;
    server.use(
      http.post("/api/auth/login", async ({ request }) => {
        expect(await request.json()).toEqual({ email: "master@example.test", password: "right" });
        return HttpResponse.json({ token: "t", csrf_token: "csrf-9", user: MASTER });
      }),
      http.post("/api/auth/logout", ({ request }) => {
        csrf = request.headers.get("X-CSRF-Token");
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const onDone = vi.fn();
    const { user, queryClient } = await renderPage(() => <SignInForm onDone={onDone} />);
    queryClient.setQueryData(["left over"], "of somebody else");
    await user.type(await screen.findByLabelText("Email"), " master@example.test");
    await user.type(screen.getByLabelText("Password"), "right{Enter}");
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    expect(queryClient.getQueryData(["me"])).toEqual(MASTER);
    expect(queryClient.getQueryData(["left over"])).toBeUndefined();
    await import("@/api/client").then(({ send }) => send("POST", "/api/auth/logout"));
    expect(csrf).toBe("csrf-9");
  });
});

describe("safeNext", () => {
  it.each([
    ["/databases?q=1", "/databases?q=1"],
    [undefined, "/"],
    ["https://elsewhere.test/", "/"],
    ["//elsewhere.test/", "/"],
    ["/\\elsewhere.test", "/"],
    ["javascript:alert(1)", "/"],
  ])("%s -> %s", (next, safe) => {
    expect(safeNext(next)).toBe(safe);
  });
});
