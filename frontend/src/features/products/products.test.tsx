import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { MASTER, renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import type { Product } from "./api";
import { ProductsPage } from "./products-page";
import { productsSearchSchema } from "./search";

const product = (id: string, patch: Partial<Product> = {}): Product => ({
  id,
  name: `Product ${id}`,
  description: "",
  is_active: true,
  database_count: 0,
  ...patch,
});

function show(url = "/admin/products") {
  return renderPage(() => <ProductsPage />, { url, me: MASTER, validateSearch: productsSearchSchema });
}

describe("products", () => {
  it("retired ones are asked for only when wanted", async () => {
    const asked: (string | null)[] = [];
    server.use(
      http.get("/api/products", ({ request }) => {
        asked.push(new URL(request.url).searchParams.get("include_retired"));
        return listed([product("A"), product("B", { is_active: false })]);
      }),
    );
    const { user } = await show();
    await screen.findByText("Product A");
    await user.selectOptions(screen.getByRole("combobox", { name: "Status" }), "With retired");
    await waitFor(() => expect(asked).toEqual([null, "true"]));
  });

  it("the search finds by name and description", async () => {
    server.use(
      http.get("/api/products", () => listed([product("A"), product("B", { description: "for weekends" })])),
    );
    await show("/admin/products?q=WEEKEND");
    expect(await screen.findByText("Product B")).toBeVisible();
    expect(screen.queryByText("Product A")).toBeNull();
  });

  it("retiring one that is in use says why not, and the dialog stays", async () => {
    server.use(
      http.get("/api/products", () => listed([product("A", { database_count: 2 })])),
      http.delete("/api/products/A", () =>
        problem(409, { code: "product_in_use", detail: "no", database_count: 2 }),
      ),
    );
    const { user } = await show("/admin/products?open=A");
    await user.click(await screen.findByRole("button", { name: "Retire" }));
    const dialog = await screen.findByRole("alertdialog", { name: "Retire Product A?" });
    await user.click(within(dialog).getByRole("button", { name: "Retire" }));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent(
      "Databases still use this product: 2.",
    );
  });

  it("retiring can be undone from the message", async () => {
    let sent: unknown;
    server.use(
      http.get("/api/products", () => listed([product("A")])),
      http.delete("/api/products/A", () => new HttpResponse(null, { status: 204 })),
      http.patch("/api/products/A", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json(product("A"));
      }),
    );
    const { user } = await show("/admin/products?open=A");
    await user.click(await screen.findByRole("button", { name: "Retire" }));
    await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Retire" }));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(sent).toEqual({ is_active: true }));
  });
});
