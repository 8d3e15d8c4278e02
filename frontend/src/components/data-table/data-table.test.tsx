import { useQuery } from "@tanstack/react-query";
import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { useMemo } from "react";
import { describe, expect, it, vi } from "vitest";
import { getPage } from "@/api/client";
import { pageQuery, tableSearchSchema, useTableSearch } from "@/lib/table-search";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { columnHelper } from "./columns";
import { DataTable, type DataTableProps } from "./data-table";

type Thing = { id: string; name: string; count: number };

const things = (names: string[]): Thing[] => names.map((name, index) => ({ id: name, name, count: index }));

function Things(props: Partial<DataTableProps<Thing>>) {
  const search = useTableSearch();
  const query = useQuery({
    queryKey: ["things", pageQuery(search.values)],
    queryFn: ({ signal }) => getPage<Thing>("/api/things", pageQuery(search.values), signal),
  });
  const columns = useMemo(() => {
    const column = columnHelper<Thing>();
    return [
      column("name", {
        label: "Name",
        sort: "name",
        card: "title",
        hideable: false,
        cell: (row) => row.name,
      }),
      column("count", { label: "Count", align: "end", cell: (row) => row.count }),
    ];
  }, []);
  return (
    <DataTable
      id="things"
      label="Things"
      columns={columns}
      query={query}
      search={search}
      getRowId={(row) => row.id}
      searchLabel="Search things"
      empty={{ title: "No things yet", action: <button type="button">Make one</button> }}
      {...props}
    />
  );
}

const show = (props: Partial<DataTableProps<Thing>> = {}, url = "/things") =>
  renderPage(() => <Things {...props} />, { url, validateSearch: tableSearchSchema });

const rows = () => screen.getAllByTestId("row");
const focusedName = () => document.activeElement?.querySelector("td:not(:has([role=checkbox]))")?.textContent;

describe("states", () => {
  it("shows a skeleton, then the rows", async () => {
    let answer = (_: Response) => {};
    server.use(
      http.get("/api/things", () => new Promise<Response>((resolve) => (answer = resolve)) as never),
    );
    await show();
    expect(await screen.findAllByTestId("skeleton-row")).not.toHaveLength(0);
    expect(screen.getByRole("table", { name: "Things" })).toHaveAttribute("aria-busy", "true");
    await waitFor(() => answer(listed(things(["a", "b"]))));
    await waitFor(() => expect(rows()).toHaveLength(2));
    expect(screen.queryByTestId("skeleton-row")).toBeNull();
  });

  it("empty: offers the next step", async () => {
    server.use(http.get("/api/things", () => listed([])));
    await show();
    expect(await screen.findByText("No things yet")).toBeVisible();
    expect(screen.getByRole("button", { name: "Make one" })).toBeVisible();
  });

  it("nothing found: offers to clear the search instead", async () => {
    server.use(
      http.get("/api/things", ({ request }) =>
        new URL(request.url).searchParams.get("q") ? listed([]) : listed(things(["a"])),
      ),
    );
    const { user, router } = await show({}, "/things?q=zzz");
    expect(await screen.findByText("Nothing matches")).toBeVisible();
    expect(screen.queryByText("No things yet")).toBeNull();
    await user.click(screen.getAllByRole("button", { name: "Clear filters" })[0] as HTMLElement);
    await waitFor(() => expect(rows()).toHaveLength(1));
    expect(router.state.location.search).toEqual({});
  });

  it("error: says why and tries again", async () => {
    let tries = 0;
    server.use(
      http.get("/api/things", () => {
        tries += 1;
        return tries === 1 ? problem(503, { code: "busy" }) : listed(things(["a"]));
      }),
    );
    const { user } = await show();
    expect(await screen.findByRole("alert")).toHaveTextContent("The server could not do this");
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(rows()).toHaveLength(1));
  });

  it("stale: keeps the rows when a refresh fails", async () => {
    let tries = 0;
    server.use(
      http.get("/api/things", () => {
        tries += 1;
        return tries === 1 ? listed(things(["a"])) : HttpResponse.error();
      }),
    );
    const { queryClient } = await show();
    await waitFor(() => expect(rows()).toHaveLength(1));
    await queryClient.refetchQueries({ queryKey: ["things"] });
    expect(await screen.findByRole("status")).toHaveTextContent("Shown as last loaded");
    expect(rows()).toHaveLength(1);
  });
});

describe("the server does the work", () => {
  it("asks for one page, follows the cursor and comes back", async () => {
    const asked: string[] = [];
    server.use(
      http.get("/api/things", ({ request }) => {
        const params = new URL(request.url).searchParams;
        asked.push(params.toString());
        const cursor = params.get("cursor");
        if (cursor === "c3") return listed(things(["e"]), { total: 101 });
        if (cursor === "c2") return listed(things(["c", "d"]), { total: 101, next: "c3" });
        return listed(things(["a", "b"]), { total: 101, next: "c2" });
      }),
    );
    const { user, router } = await show();
    expect(await screen.findByText("1–2 of 101")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Next" }));
    expect(await screen.findByText("51–52 of 101")).toBeVisible();
    expect(router.state.location.search).toMatchObject({ cursor: "c2", page: "2" });
    await user.click(screen.getByRole("button", { name: "Next" }));
    await screen.findByText("101–101 of 101");
    expect(screen.getByRole("button", { name: "Next" })).toBeDisabled();
    await user.click(screen.getByRole("button", { name: "Previous" }));
    await screen.findByText("51–52 of 101");
    expect(router.state.location.search).toMatchObject({ cursor: "c2" });
    await user.click(screen.getByRole("button", { name: "Previous" }));
    await screen.findByText("1–2 of 101");
    expect(router.state.location.search).toEqual({});
    expect(asked.every((query) => query.includes("limit=50"))).toBe(true);
  });

  it("a search waits for a pause, goes into the URL and back to page 1", async () => {
    const asked: (string | null)[] = [];
    server.use(
      http.get("/api/things", ({ request }) => {
        asked.push(new URL(request.url).searchParams.get("q"));
        return listed(things(["a"]));
      }),
    );
    const { user, router } = await show({}, "/things?cursor=c9&page=3");
    await waitFor(() => expect(rows()).toHaveLength(1));
    await user.type(screen.getByRole("searchbox", { name: "Search things" }), "budi");
    await waitFor(() => expect(router.state.location.search).toEqual({ q: "budi" }));
    await waitFor(() => expect(asked).toEqual([null, "budi"]));
  });

  it("a header sorts up, down, and not at all", async () => {
    server.use(http.get("/api/things", () => listed(things(["a"]))));
    const { user, router } = await show();
    const header = await screen.findByRole("button", { name: "Name" });
    await user.click(header);
    await waitFor(() => expect(router.state.location.search).toEqual({ sort: "name" }));
    expect(screen.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "ascending");
    await user.click(screen.getByRole("button", { name: "Name" }));
    await waitFor(() => expect(router.state.location.search).toEqual({ sort: "-name" }));
    await user.click(screen.getByRole("button", { name: "Name" }));
    await waitFor(() => expect(router.state.location.search).toEqual({}));
    expect(screen.queryByRole("button", { name: "Count" })).toBeNull();
  });
});

describe("keyboard", () => {
  it("moves, selects and opens", async () => {
    server.use(http.get("/api/things", () => listed(things(["a", "b", "c"]))));
    const onOpen = vi.fn();
    const { user } = await show({ onOpen, bulk: ({ ids }) => <span>ids: {ids.join()}</span> });
    await waitFor(() => expect(rows()).toHaveLength(3));
    await user.keyboard("j");
    expect(focusedName()).toBe("a");
    await user.keyboard("j{ArrowDown}");
    expect(focusedName()).toBe("c");
    await user.keyboard("j");
    expect(focusedName()).toBe("c");
    await user.keyboard("k");
    expect(focusedName()).toBe("b");
    await user.keyboard(" ");
    expect(screen.getByText("ids: b")).toBeVisible();
    await user.keyboard("{Home} ");
    expect(screen.getByText("2 selected")).toBeVisible();
    await user.keyboard("{End}{Enter}");
    expect(onOpen).toHaveBeenCalledExactlyOnceWith({ id: "c", name: "c", count: 2 });
  });

  it("the arrows go on at the ends of a page: the next page from its first row, the one before from its last", async () => {
    server.use(
      http.get("/api/things", ({ request }) =>
        new URL(request.url).searchParams.get("cursor")
          ? HttpResponse.json(things(["c", "d"]))
          : listed(things(["a", "b"]), { total: 4, next: "k2" }),
      ),
    );
    const { user, router } = await show();
    await waitFor(() => expect(rows()).toHaveLength(2));
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(focusedName()).toBe("b");
    await user.keyboard("{ArrowDown}");
    await waitFor(() => expect(focusedName()).toBe("c"));
    expect(router.state.location.search).toMatchObject({ cursor: "k2" });
    // The second page came without a count.
    expect(screen.getByText(/ of 4$/)).toBeVisible();
    await user.keyboard("{ArrowUp}");
    await waitFor(() => expect(focusedName()).toBe("b"));
  });

  it("keys that turn the page while one is on its way are carried out when it is there", async () => {
    const held: (() => void)[] = [];
    const asked: number[] = [];
    server.use(
      http.get("/api/things", async ({ request }) => {
        const page = Number(new URL(request.url).searchParams.get("cursor") ?? 1);
        asked.push(page);
        await new Promise<void>((resolve) => held.push(resolve));
        return listed(things([`p${page}`]), { total: 200, next: page < 4 ? String(page + 1) : undefined });
      }),
    );
    const { user, router } = await show();
    const arrive = async (page: number) => {
      await waitFor(() => expect(asked.at(-1)).toBe(page));
      held.pop()?.();
    };
    await waitFor(() => expect(held).toHaveLength(1));
    // Three ahead of what is there, and one of them back.
    await user.keyboard("]]][[");
    await arrive(1);
    await arrive(2);
    await arrive(3);
    expect(await screen.findByText("p3")).toBeVisible();
    // More than there is: the last page, and not a turn that is left over.
    await user.keyboard("]]]");
    await arrive(4);
    expect(await screen.findByText("p4")).toBeVisible();
    await user.keyboard("[[");
    await waitFor(() => expect(router.state.location.search).toMatchObject({ page: "3" }));
    // Twice at once: back to the first, whether or not anything has been answered again.
    await user.keyboard("[[[[");
    await waitFor(() => expect(router.state.location.search).toEqual({}));
    expect(asked.slice(0, 4)).toEqual([1, 2, 3, 4]);
  });

  it("the row in the place of one that was taken away gets its focus", async () => {
    let names = ["a", "b", "c"];
    server.use(http.get("/api/things", () => listed(things(names))));
    const { user, queryClient } = await show();
    await waitFor(() => expect(rows()).toHaveLength(3));
    await user.keyboard("j{ArrowDown}");
    expect(focusedName()).toBe("b");
    names = ["a", "x", "c"];
    await queryClient.invalidateQueries();
    await waitFor(() => expect(focusedName()).toBe("x"));
  });

  it("a page may add keys of its own for the row that has the focus", async () => {
    server.use(http.get("/api/things", () => listed(things(["a", "b"]))));
    const onRowKey = vi.fn((event: { key: string }) => event.key === "x" || event.key === "j");
    const { user } = await show({ onRowKey });
    await waitFor(() => expect(rows()).toHaveLength(2));
    await user.keyboard("{ArrowDown}x");
    expect(onRowKey).toHaveBeenLastCalledWith(expect.anything(), expect.objectContaining({ name: "a" }));
    await user.keyboard("j");
    expect(focusedName()).toBe("a");
    await user.keyboard("{ArrowDown}");
    expect(focusedName()).toBe("b");
  });

  it("leaves the letters alone while somebody types, and / goes to the search", async () => {
    server.use(http.get("/api/things", () => listed(things(["a"]))));
    const { user } = await show();
    await waitFor(() => expect(rows()).toHaveLength(1));
    await user.keyboard("/");
    const field = screen.getByRole("searchbox");
    expect(field).toHaveFocus();
    await user.keyboard("jk");
    expect(field).toHaveFocus();
    expect(field).toHaveValue("jk");
  });
});

describe("selection", () => {
  it("counts, hands over ids and rows, and clears", async () => {
    server.use(http.get("/api/things", () => listed(things(["a", "b", "c"]))));
    const { user } = await show({
      canSelect: (row) => row.name !== "c",
      bulk: ({ ids, rows: selected, clear }) => (
        <button type="button" onClick={clear}>
          do {ids.length}/{selected.length}
        </button>
      ),
    });
    await waitFor(() => expect(rows()).toHaveLength(3));
    await user.click(screen.getByRole("checkbox", { name: "Select all rows of this page" }));
    const bar = screen.getByRole("region", { name: "Selected rows" });
    expect(within(bar).getByText("2 selected")).toBeVisible();
    await user.click(within(bar).getByRole("button", { name: "do 2/2" }));
    expect(screen.queryByRole("region", { name: "Selected rows" })).toBeNull();
  });
});

describe("columns", () => {
  it("can be hidden, and the browser remembers", async () => {
    server.use(http.get("/api/things", () => listed(things(["a"]))));
    const { user, unmount } = await show();
    expect(await screen.findByRole("columnheader", { name: "Count" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "View" }));
    expect(screen.queryByRole("menuitemcheckbox", { name: "Name" })).toBeNull();
    await user.click(await screen.findByRole("menuitemcheckbox", { name: "Count" }));
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("columnheader", { name: "Count" })).toBeNull();
    unmount();
    await show();
    await waitFor(() => expect(rows()).toHaveLength(1));
    expect(screen.queryByRole("columnheader", { name: "Count" })).toBeNull();
  });
});

describe("on a phone", () => {
  it("shows cards with the same rows", async () => {
    vi.spyOn(window, "matchMedia").mockImplementation(
      (query) =>
        ({
          matches: query.includes("max-width"),
          media: query,
          addEventListener() {},
          removeEventListener() {},
        }) as never,
    );
    server.use(http.get("/api/things", () => listed(things(["a", "b"]))));
    await show();
    const list = await screen.findByRole("list", { name: "Things" });
    expect(within(list).getAllByRole("listitem")).toHaveLength(2);
    expect(screen.queryByRole("table")).toBeNull();
    expect(within(list).getAllByText("Count")).toHaveLength(2);
  });
});
