import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { DATABASE, DESK, PRODUCTS } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { POOLS } from "./descriptors";
import { PoolPage } from "./pool-page";
import { poolSearchSchema } from "./search";
import type { Module } from "./types";

let asked: URLSearchParams[] = [];

const show = (url = "/databases", module: Module = "normal", me = DESK) =>
  renderPage(() => <PoolPage pool={POOLS[module]} imports={<p>the uploads</p>} />, {
    url,
    me,
    validateSearch: poolSearchSchema,
  });

beforeEach(() => {
  asked = [];
  server.use(
    http.get("/api/products", () => listed(PRODUCTS)),
    http.get("/api/pools/:module/databases", ({ request }) => {
      const query = new URL(request.url).searchParams;
      asked.push(query);
      return query.get("deleted")
        ? listed([{ ...DATABASE, id: "d-9", name: "Old leads", deleted_at: "2025-02-28T03:00:00+00:00" }])
        : listed([DATABASE]);
    }),
  );
});

describe("list of databases", () => {
  it("shows the counts of each, grouped by the language", async () => {
    await show();
    const row = within((await screen.findByText("June leads")).closest("tr") as HTMLElement);
    for (const figure of ["1,234", "1,000", "200", "4", "20", "10", "3"]) {
      expect(row.getByText(figure)).toBeVisible();
    }
    expect(row.getByText("june.csv")).toBeVisible();
    expect(row.getByText("Product A")).toBeVisible();
  });

  it("asks for one page, never for more", async () => {
    await show();
    await screen.findByText("June leads");
    expect(asked[0]?.get("limit")).toBe("50");
  });

  it("is had as a file: all records of the module, or of the product that is chosen", async () => {
    const previews: unknown[] = [];
    server.use(
      http.post("/api/exports/preview", async ({ request }) => {
        previews.push(await request.json());
        return HttpResponse.json({ rows: 4321 });
      }),
    );
    const me = { ...DESK, permissions: [...DESK.permissions, "exports.make"] };
    const { user } = await show("/databases?product_id=p-2", "memberwd", me);
    await user.click(await screen.findByRole("button", { name: "Export" }));
    expect(await screen.findByText("4,321")).toBeVisible();
    expect(previews).toEqual([{ kind: "memberwd", filters: { product_id: "p-2" } }]);
  });

  it("takes product and search from the URL and writes them there", async () => {
    const { user, router } = await show("/databases?product_id=p-2&q=june");
    await screen.findByText("June leads");
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({ product_id: "p-2", q: "june" });
    await screen.findByRole("option", { name: "Product A" });
    expect(screen.getByLabelText("Product")).toHaveValue("p-2");
    await user.selectOptions(screen.getByLabelText("Product"), "p-1");
    await waitFor(() => expect(router.state.location.search).toMatchObject({ product_id: "p-1", q: "june" }));
    await waitFor(() => expect(asked.at(-1)?.get("product_id")).toBe("p-1"));
  });

  it("has a way to upload for those who may", async () => {
    await show("/member-wd", "memberwd");
    expect(await screen.findByRole("link", { name: "Upload" })).toHaveAttribute(
      "href",
      "/imports/new?module=memberwd",
    );
  });

  it("offers neither upload nor trash to a reader", async () => {
    await show("/databases", "normal", { ...DESK, permissions: ["databases.read"] });
    await screen.findByText("June leads");
    expect(screen.queryByRole("link", { name: "Upload" })).toBeNull();
    expect(screen.queryByRole("tab", { name: "Trash" })).toBeNull();
    expect(screen.queryByRole("tab", { name: "Uploads" })).toBeNull();
  });

  it("a failure can be tried again", async () => {
    let fails = true;
    server.use(
      http.get("/api/pools/normal/databases", () =>
        fails ? problem(500, { code: "internal" }) : listed([DATABASE]),
      ),
    );
    const { user } = await show();
    const alert = await screen.findByRole("alert");
    fails = false;
    await user.click(within(alert).getByRole("button"));
    expect(await screen.findByText("June leads")).toBeVisible();
  });
});

describe("tabs", () => {
  it("trash: deleted databases, restored by one click", async () => {
    const restored: string[] = [];
    server.use(
      http.post("/api/pools/normal/databases/:id/restore", ({ params }) => {
        restored.push(String(params.id));
        return HttpResponse.json({ id: "d-9", rematched_count: 0 });
      }),
    );
    const { user, router } = await show();
    await screen.findByText("June leads");
    await user.click(screen.getByRole("tab", { name: "Trash" }));
    await waitFor(() => expect(router.state.location.search).toEqual({ tab: "trash" }));
    await user.click(await screen.findByRole("button", { name: "Restore Old leads" }));
    await waitFor(() => expect(restored).toEqual(["d-9"]));
    expect(await screen.findByText("Old leads is back")).toBeInTheDocument();
  });

  it("uploads: open from the URL", async () => {
    await show("/databases?tab=imports");
    expect(await screen.findByText("the uploads")).toBeVisible();
    expect(screen.getByRole("tab", { name: "Uploads" })).toHaveAttribute("aria-selected", "true");
  });
});
