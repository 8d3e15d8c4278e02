import type { UseQueryResult } from "@tanstack/react-query";
import { screen, within } from "@testing-library/react";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { setLanguage } from "@/i18n";
import { renderPage } from "@/test/render";
import {
  AreaChart,
  BarChart,
  ChartCard,
  csvText,
  DonutChart,
  HeatChart,
  largestSeven,
  type Series,
  toneAt,
} from "./index";
import { evenTicks } from "./ticks";

// What is fetched with the first chart is here already: no test waits for files.
beforeAll(() => Promise.all([import("./plot"), import("./ring")]));

type Row = { id: string; name: string; day: string; ndp: number; rdp: number };
const ROWS: Row[] = [
  { id: "a", name: "Ana", day: "2025-03-01", ndp: 1_500_000, rdp: 500_000 },
  { id: "b", name: "Budi", day: "2025-03-02", ndp: 250_000, rdp: 0 },
  { id: "c", name: "Citra", day: "2025-03-03", ndp: 0, rdp: 750_000 },
];
const SERIES: Series<Row>[] = [
  { key: "ndp", label: "NDP", tone: "ndp", unit: "money", value: (row) => row.ndp },
  { key: "rdp", label: "RDP", tone: "rdp", unit: "money", value: (row) => row.rdp },
];

describe("The axis of time", () => {
  const days = (count: number) => Array.from({ length: count }, (_, index) => `d${index + 1}`);
  it.each([
    [7, 600, ["d1", "d2", "d3", "d4", "d5", "d6", "d7"]],
    [7, 300, ["d1", "d3", "d5", "d7"]],
    [30, 300, ["d2", "d9", "d16", "d23", "d30"]],
    [1, 10, ["d1"]],
    [3, 0, ["d3"]],
  ])("of %i points on %i pixels has labels at even distances, and the last", (count, width, labels) => {
    expect(evenTicks(days(count), width)).toEqual(labels);
  });
});

describe("A chart's file", () => {
  it.each([
    ["=1+1", "'=1+1\r\n"],
    [" @SUM(A1)", "' @SUM(A1)\r\n"],
    ["＝1", "'＝1\r\n"],
    ['say "hi", twice', '"say ""hi"", twice"\r\n'],
    [-5, "-5\r\n"],
    [null, "\r\n"],
  ])("keeps %j what it is", (cell, text) => {
    expect(csvText([[cell]])).toBe(text);
  });
});

describe("Series", () => {
  it("are at most seven, and the rest is added up", () => {
    const rows = Array.from({ length: 10 }, (_, index) => index);
    const { largest, rest, restTotal } = largestSeven(rows, (row) => row);
    expect(largest).toEqual([9, 8, 7, 6, 5, 4, 3]);
    expect(rest).toEqual([2, 1, 0]);
    expect(restTotal).toBe(3);
    expect([0, 6, 7].map(toneAt)).toEqual([1, 7, "other"]);
  });
});

describe("Marks", () => {
  it("of bars: one stop of Tab, arrows between, Enter opens, all figures said in full", async () => {
    const opened = vi.fn();
    const { user } = await renderPage(() => (
      <BarChart
        label="Value"
        rows={ROWS}
        rowKey={(row) => row.id}
        name={(row) => row.name}
        series={SERIES}
        stacked
        onOpen={opened}
      />
    ));
    const list = await screen.findByRole("list", { name: "Value" });
    expect(within(list).getByText("2M")).toBeVisible();
    await user.tab();
    expect(screen.getByRole("button", { name: "Ana: NDP 1,500,000, RDP 500,000" })).toHaveFocus();
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
    expect(screen.getByRole("button", { name: "Citra: NDP 0, RDP 750,000" })).toHaveFocus();
    await user.keyboard("{Enter}");
    expect(opened).toHaveBeenCalledExactlyOnceWith(ROWS[2], "ndp");
    await user.keyboard("{Home}");
    expect(screen.getByRole("button", { name: /^Ana/ })).toHaveFocus();
    await user.tab();
    expect(list).not.toContainElement(document.activeElement as HTMLElement);
  });

  it("of bars below each other: each one is a mark, but for those that open nothing", async () => {
    const opened = vi.fn();
    const [ndp, rdp] = SERIES as [Series<Row>, Series<Row>];
    const { user } = await renderPage(() => (
      <BarChart
        label="Value"
        rows={ROWS.slice(0, 2)}
        rowKey={(row) => row.id}
        name={(row) => row.name}
        series={[ndp, { ...rdp, closed: true }]}
        onOpen={opened}
      />
    ));
    await screen.findByRole("list", { name: "Value" });
    await user.tab();
    await user.keyboard("{ArrowRight}");
    expect(screen.getByRole("img", { name: "Ana, RDP: 500,000" })).toHaveFocus();
    await user.keyboard("{Enter}{ArrowRight}{Enter}");
    expect(opened).toHaveBeenCalledExactlyOnceWith(ROWS[1], "ndp");
  });

  it("of time: a point per day that says every series, opened by key and by pointer", async () => {
    const opened = vi.fn();
    const { user } = await renderPage(() => (
      <AreaChart label="Trend" rows={ROWS} at={(row) => row.day} series={SERIES} onOpen={opened} />
    ));
    const first = await screen.findByRole("button", { name: "1 Mar 2025: NDP 1,500,000, RDP 500,000" });
    await user.tab();
    expect(first).toHaveFocus();
    await user.keyboard("{ArrowRight}{Enter}");
    expect(opened).toHaveBeenLastCalledWith(ROWS[1]);
    await user.click(screen.getByRole("button", { name: /^3 Mar/ }));
    expect(opened).toHaveBeenLastCalledWith(ROWS[2]);
  });

  it("of a grid: up and down go by rows, what is not known cannot be opened", async () => {
    const opened = vi.fn();
    const { user } = await renderPage(() => (
      <HeatChart
        label="Days"
        first="Staff"
        rows={ROWS.slice(0, 2)}
        rowKey={(row) => row.id}
        name={(row) => row.name}
        unit="money"
        columns={[
          { key: "ndp", label: "NDP", value: (row) => row.ndp },
          { key: "rdp", label: "RDP", value: (row) => row.rdp || null },
        ]}
        onOpen={opened}
      />
    ));
    await screen.findByRole("table", { name: "Days" });
    await user.tab();
    await user.keyboard("{ArrowDown}{Enter}");
    expect(opened).toHaveBeenCalledExactlyOnceWith(ROWS[1], 0);
    await user.keyboard("{ArrowRight}");
    expect(screen.getByRole("img", { name: "Budi, RDP: –" })).toHaveFocus();
  });

  it("of a ring: its list names every part and its share, in the reader's abbreviations", async () => {
    await setLanguage("id");
    await renderPage(() => (
      <DonutChart
        label="Products"
        unit="money"
        whole="omset"
        parts={[
          { key: "a", name: "Product A", value: 1_500_000, tone: 1 },
          { key: "b", name: "Product B", value: 500_000, tone: 2 },
        ]}
      />
    ));
    expect(await screen.findByRole("img", { name: "Product A: 1.500.000, 75%" })).toHaveTextContent(
      /1,5\sjt/,
    );
    expect(screen.getByText(/^2\sjt$/)).toBeVisible();
    await setLanguage("en");
  });
});

describe("A chart's card", () => {
  const answer = (more: Partial<UseQueryResult<Row[]>>) =>
    ({ isError: false, data: undefined, refetch: vi.fn(), ...more }) as unknown as UseQueryResult<Row[]>;
  const card = (query: UseQueryResult<Row[]>, broken = false) => (
    <ChartCard
      id="value"
      title="Value"
      definition="What customers have paid."
      query={query}
      rows={(data) => data}
      rowKey={(row) => row.id}
      columns={[
        { key: "name", label: "Staff", value: (row) => row.name },
        { key: "ndp", label: "NDP", unit: "money", value: (row) => row.ndp },
      ]}
      empty={{ title: "No deposits yet" }}
    >
      {() => {
        if (broken) throw new Error("cannot be drawn");
        return <p>drawn</p>;
      }}
    </ChartCard>
  );

  it("has each state of its own", async () => {
    const refetch = vi.fn();
    const waiting = await renderPage(() => card(answer({})));
    expect(waiting.container.querySelector("[aria-busy=true]")).not.toBeNull();
    waiting.unmount();
    const empty = await renderPage(() => card(answer({ data: [] })));
    expect(screen.getByText("No deposits yet")).toBeVisible();
    expect(screen.getByRole("button", { name: "“Value” as a CSV file" })).toBeDisabled();
    empty.unmount();
    const failed = await renderPage(() => card(answer({ isError: true, error: new Error("x"), refetch })));
    await failed.user.click(screen.getByRole("button", { name: "Try again" }));
    expect(refetch).toHaveBeenCalledOnce();
    failed.unmount();
    await renderPage(() => card(answer({ data: ROWS, isError: true, error: new Error("x") })));
    expect(screen.getByText(/Shown as last loaded/)).toBeVisible();
    expect(screen.getByText("drawn")).toBeVisible();
  });

  it("says what it measures by keyboard, and shows its figures as a table", async () => {
    const { user } = await renderPage(() => card(answer({ data: ROWS })));
    await user.tab();
    await user.keyboard("{Enter}");
    expect(screen.getByText("What customers have paid.")).toBeVisible();
    await user.keyboard("{Escape}");
    await user.click(screen.getByRole("button", { name: "“Value” as a table" }));
    const table = screen.getByRole("table", { name: "Value" });
    expect(within(table).getByRole("row", { name: "Ana 1,500,000" })).toBeVisible();
    expect(screen.queryByText("drawn")).toBeNull();
  });

  it("keeps its failure to itself when it cannot be drawn", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    await renderPage(() => (
      <>
        {card(answer({ data: ROWS }), true)}
        <p>its neighbour</p>
      </>
    ));
    expect(screen.getByRole("alert")).toBeVisible();
    expect(screen.getByText("its neighbour")).toBeVisible();
  });
});
