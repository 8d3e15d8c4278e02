import { screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { renderPage } from "@/test/render";
import { listed, server } from "@/test/server";
import { ConflictsPage } from "./conflicts-page";
import { ADMIN, APPROVED, answer } from "./fixtures";
import { conflictsSearchSchema } from "./search";

beforeEach(answer);

describe("conflicts", () => {
  const showConflicts = (url: string) =>
    renderPage(() => <ConflictsPage />, { url, me: ADMIN, validateSearch: conflictsSearchSchema });

  it("show the open ones, and all on demand", async () => {
    const queries: URLSearchParams[] = [];
    server.use(
      http.get("/api/reserved-members/conflicts", ({ request: { url } }) => {
        queries.push(new URL(url).searchParams);
        return listed([
          {
            id: "c-1",
            customer_id: "Andi88",
            product_id: "p-1",
            product_name: "Product A",
            database_name: "June leads",
            staff_id: "s-2",
            staff_name: "Budi",
            reserved_by_id: "s-1",
            reserved_by_name: "Ana",
            began_at: "2025-02-27T01:00:00+00:00",
            record_id: "x-1",
            is_open: true,
          },
        ]);
      }),
    );
    const { user } = await showConflicts("/reserved/conflicts?staff_id=s-2");
    expect(await screen.findByText("Andi88")).toBeVisible();
    expect(queries[0]?.get("only_open")).toBe("true");
    expect(queries[0]?.get("staff_id")).toBe("s-2");
    await user.selectOptions(screen.getByRole("combobox", { name: "State" }), "all");
    await waitFor(() => expect(queries.at(-1)?.get("only_open")).toBe("false"));
  });

  it("show reservations that look like one customer", async () => {
    server.use(
      http.get("/api/reserved-members/duplicates", () =>
        HttpResponse.json({
          total: 1,
          duplicates: [{ kind: "phone", value: "+628120000000", reservations: APPROVED }],
        }),
      ),
    );
    await showConflicts("/reserved/conflicts?tab=duplicates");
    expect(await screen.findByText("Same phone:")).toBeVisible();
    const link = screen.getByRole("link", { name: "Open the reservation of customer-r-3" });
    expect(link).toHaveAttribute("href", "/reserved?tab=approved&open=r-3");
  });
});
