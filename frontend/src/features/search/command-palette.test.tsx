import { screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it, vi } from "vitest";
import { renderPage } from "@/test/render";
import { problem, server } from "@/test/server";
import { CommandPalette } from "./command-palette";

const PAGES = [
  { to: "/databases", label: "Databases" },
  { to: "/admin/users", label: "Users" },
];

function show() {
  const onOpenChange = vi.fn();
  return renderPage(() => <CommandPalette open onOpenChange={onOpenChange} pages={PAGES} />).then((view) => ({
    ...view,
    onOpenChange,
  }));
}

describe("command palette", () => {
  it("goes to a page by its name, without asking the server for one letter", async () => {
    const asked = vi.fn();
    server.use(http.get("/api/search", asked));
    const { user, router, onOpenChange } = await show();
    await user.type(await screen.findByRole("combobox"), "u");
    expect(screen.queryByText("Databases")).toBeNull();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(router.state.location.pathname).toBe("/admin/users"));
    expect(onOpenChange).toHaveBeenCalledWith(false);
    expect(asked).not.toHaveBeenCalled();
  });

  it("opens the object itself", async () => {
    server.use(
      http.get("/api/search", ({ request }) => {
        expect(new URL(request.url).searchParams.get("q")).toBe("0812");
        return HttpResponse.json({
          items: [
            {
              kind: "customer",
              id: "r1",
              title: "budi7",
              subtitle: "Product A",
              url: "/bonanza/d1?q=budi7&open=r1",
            },
          ],
        });
      }),
    );
    const { user, router } = await show();
    await user.type(await screen.findByRole("combobox"), "0812");
    await user.click(await screen.findByRole("option", { name: /budi7/ }));
    await waitFor(() => expect(router.state.location.href).toBe("/bonanza/d1?q=budi7&open=r1"));
  });

  it("says when nothing is found, and when the search failed", async () => {
    server.use(http.get("/api/search", () => HttpResponse.json({ items: [] })));
    const { user } = await show();
    await user.type(await screen.findByRole("combobox"), "zzz");
    expect(await screen.findByText("Nothing found")).toBeVisible();
    server.use(http.get("/api/search", () => problem(503, { code: "busy" })));
    await user.type(screen.getByRole("combobox"), "z");
    expect(await screen.findByRole("alert")).toHaveTextContent("The server could not do this");
  });
});
