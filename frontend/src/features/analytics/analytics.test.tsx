import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { PRODUCTS, STAFF_CHOICES } from "@/test/desk";
import { MASTER, renderPage } from "@/test/render";
import { problem, server } from "@/test/server";
import { AnalyticsPage } from "./analytics-page";
import { ALL_CHARTS, arranged, CHARTS, type Layout, reordered } from "./catalogue";
import { bucketNamed, bucketOf, weekdayNamed, weekdayOf } from "./marks";
import { analyticsSearchSchema, filterOf, peopleOf } from "./search";
import type { DepositsDrill, Heatmap, Products, Team, Trend } from "./types";

const ME = {
  ...MASTER,
  permissions: ["analytics.read", "performance.manage", "staff.list", "products.read"],
};
const PERIOD = { period: "month", start_date: "2025-01-31", end_date: "2025-03-01" };

const WORK = {
  whatsapp_ada: 6,
  whatsapp_tidak: 1,
  whatsapp_ceklis1: 3,
  whatsapp_checked: 10,
  respond_ya: 3,
  respond_tidak: 1,
  total_records: 40,
  records_in_period: 20,
  whatsapp_rate: 60,
  respond_rate: 75,
};
const TEAM: Team = {
  ...PERIOD,
  summary: WORK,
  staff_metrics: STAFF_CHOICES.map(({ id, name }, index) => ({
    ...WORK,
    staff_id: id,
    staff_name: name,
    whatsapp_checked: 10 - index,
  })),
  daily_chart: [{ ...WORK, date: "2025-03-01", assigned: 20 }],
  previous: null,
};
const TREND: Trend = {
  ...PERIOD,
  granularity: "weekly",
  chart_data: [
    {
      date: "2025-02-24",
      amount: 1_500_000,
      count: 3,
      unique_customers: 2,
      avg_deposit: 500_000,
      partial: true,
    },
  ],
  summary: {
    total_amount: 1_500_000,
    total_deposits: 3,
    avg_per_period: 1_500_000,
    peak_period: "2025-02-24",
    peak_amount: 1_500_000,
  },
  previous: null,
};
const PRODUCT: Products = {
  ...PERIOD,
  product_data: [
    {
      product_id: "p-1",
      product_name: "Product A",
      ndp_count: 1,
      rdp_count: 2,
      total_count: 3,
      ndp_amount: 500_000,
      rdp_amount: 1_000_000,
      total_amount: 1_500_000,
      ndp_percentage: 33.3,
      ndp_customers: 1,
      rdp_customers: 1,
    },
  ],
  previous: null,
};
const deposit = (number: number): DepositsDrill["deposits"][number] => ({
  id: `o-${number}`,
  staff_id: "s-1",
  staff_name: "Ana",
  customer_id: `user${number}`,
  customer_key: `user${number}`,
  customer_name: "",
  product_id: "p-1",
  product: "Product A",
  amount: 500_000,
  date: "2025-02-25",
  type: "RDP",
  note: "=1+1",
});

/** One chart alone: what the others do is not what is looked at. */
const only = (...shown: string[]) => {
  layout = { widget_order: [], hidden: ALL_CHARTS.filter((slug) => !shown.includes(slug)) };
};

let layout: Layout;
let asked: string[];

/** Answers of charts by their path; what is not named fails, as it would on a bad day. */
function answer(charts: Record<string, unknown>) {
  server.use(
    http.get("/api/analytics/*", ({ request }) => {
      const url = new URL(request.url);
      const path = url.pathname.replace("/api/analytics/", "");
      asked.push(`${path}${url.search}`);
      return path in charts
        ? HttpResponse.json(charts[path] as never)
        : problem(500, { code: "internal", detail: `no ${path}` });
    }),
  );
}

const textOf = (blob: Blob) =>
  new Promise<string>((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.readAsText(blob);
  });

const show = (search: string) =>
  renderPage(() => <AnalyticsPage />, {
    me: ME,
    url: `/page${search}`,
    validateSearch: analyticsSearchSchema,
  });

// What the page fetches when it is opened is here already: no test waits for files.
beforeAll(() =>
  Promise.all([import("./board"), import("@/components/charts/plot"), import("@/components/charts/ring")]),
);

beforeEach(() => {
  layout = { widget_order: [], hidden: [] };
  asked = [];
  server.use(
    http.get("/api/products", () => HttpResponse.json(PRODUCTS)),
    http.get("/api/staff-users", () => HttpResponse.json(STAFF_CHOICES)),
    http.get("/api/user/preferences/widget-layout", () => HttpResponse.json(layout)),
  );
});

describe("What the address says", () => {
  it("a range of one's own counts only when it is whole", () => {
    const range = { period: "custom", custom_start: "2025-01-01", custom_end: "2025-01-31" } as const;
    expect(filterOf(range)).toMatchObject(range);
    expect(filterOf({ ...range, custom_end: undefined })).toEqual({ period: "month" });
    expect(filterOf({ ...range, custom_end: "2024-12-31" }).period).toBe("month");
    expect(filterOf({ period: "week", custom_start: "2025-01-01" })).not.toHaveProperty("custom_start");
    expect(peopleOf({ people: "a,b,,a" })).toEqual(["a", "b"]);
  });

  it("a mark keeps what it is of", () => {
    expect(bucketOf(bucketNamed("2025-02-24", "weekly"))).toEqual({
      date: "2025-02-24",
      granularity: "weekly",
    });
    expect(bucketOf("2025-02")).toEqual({ date: "2025-02", granularity: "monthly" });
    expect(bucketOf("2025-02-24")).toEqual({ date: "2025-02-24", granularity: "daily" });
    expect(weekdayOf(weekdayNamed(6, "s-1"))).toEqual({ weekday: 6, staffId: "s-1" });
  });
});

describe("The arrangement", () => {
  it("has eighteen charts; what is not named yet stands where it starts, what is hidden keeps its place", () => {
    expect(new Set(ALL_CHARTS).size).toBe(18);
    expect(arranged("work", { widget_order: [], hidden: [] })).toEqual(CHARTS.work);
    const mine = { widget_order: ["deposit-lifecycle", "unknown"], hidden: ["followup-effectiveness"] };
    expect(arranged("work", mine)).toEqual([
      "deposit-lifecycle",
      "staff-conversion-funnel",
      "response-time-by-staff",
    ]);
    const order = reordered(mine, "work", [
      "response-time-by-staff",
      "deposit-lifecycle",
      "staff-conversion-funnel",
    ]);
    expect([...order].sort()).toEqual([...ALL_CHARTS].sort());
    expect(arranged("work", { ...mine, widget_order: order })[0]).toBe("response-time-by-staff");
  });
});

describe("The page", () => {
  it("asks every chart with the filters of the address, and shows the others when some fail", async () => {
    answer({ "product-performance": PRODUCT });
    await show("?tab=customers&period=week&product_id=p-1&staff_id=s-2&compare=true");
    expect(await screen.findByRole("button", { name: "Product A: 3, 100%" })).toBeVisible();
    expect(await screen.findAllByRole("alert")).toHaveLength(3);
    expect(new Set(asked)).toEqual(
      new Set(
        ["business", "customer-value-comparison", "product-performance"].map(
          (path) => `${path}?period=week&product_id=p-1&staff_id=s-2&compare=true`,
        ),
      ),
    );
  });

  it("a range of one's own starts with the last 30 days, by the business day", async () => {
    only("staff-comparison");
    answer({ "staff-performance": TEAM });
    const { user, router } = await show("");
    await screen.findByRole("list", { name: "Staff comparison" });
    await user.selectOptions(screen.getByLabelText("Period"), "custom");
    expect(router.state.location.search).toEqual({
      period: "custom",
      custom_start: "2025-01-31",
      custom_end: "2025-03-01",
    });
    await user.click(screen.getByRole("button", { name: "Compare with the period before" }));
    await waitFor(() =>
      expect(asked).toContain(
        "staff-performance?period=custom&custom_start=2025-01-31&custom_end=2025-03-01&compare=true",
      ),
    );
  });

  it("hides a chart and moves it, for this user, and takes it back when that fails", async () => {
    answer({});
    const saved: Layout[] = [];
    server.use(
      http.put("/api/user/preferences/widget-layout", async ({ request }) => {
        saved.push((await request.json()) as Layout);
        return saved.length < 3 ? HttpResponse.json(saved.at(-1)) : problem(500, { code: "internal" });
      }),
    );
    const { user, container } = await show("?tab=work");
    const order = () =>
      [...container.querySelectorAll("[data-chart]")].map((place) => place.getAttribute("data-chart"));
    await user.click(await screen.findByRole("button", { name: "More for “Response time”" }));
    await user.click(screen.getByRole("menuitem", { name: "Hide" }));
    expect(order()).toEqual(["staff-conversion-funnel", "followup-effectiveness", "deposit-lifecycle"]);
    await user.click(screen.getByRole("button", { name: "More for “From answer to deposit”" }));
    await user.click(screen.getByRole("menuitem", { name: "Move up" }));
    const moved = ["staff-conversion-funnel", "deposit-lifecycle", "followup-effectiveness"];
    expect(order()).toEqual(moved);
    await waitFor(() => expect(saved).toHaveLength(2));
    expect(saved[1]?.hidden).toEqual(["response-time-by-staff"]);
    expect(saved[1]?.widget_order.filter((slug) => moved.includes(slug))).toEqual(moved);
    await user.click(screen.getByRole("button", { name: "More for “Conversion funnel”" }));
    await user.click(screen.getByRole("menuitem", { name: "Hide" }));
    await waitFor(() => expect(saved).toHaveLength(3));
    await waitFor(() => expect(order()).toEqual(moved));
  });

  it("puts staff side by side, never fewer than two, and keeps them in the address", async () => {
    only("staff-compare");
    answer({
      "staff-performance": TEAM,
      "customer-value-comparison": {
        ...PERIOD,
        staff_data: [],
        daily_chart: [],
        summary: { total_ndp_amount: 0, total_rdp_amount: 0, total_amount: 0, ndp_share: null },
      },
    });
    const { user, router } = await show("?people=s-1,s-3&staff_id=s-1");
    const list = await screen.findByRole("list", { name: "Side by side" });
    expect(within(list).getByRole("button", { name: "WA checked, Ana: 10" })).toBeVisible();
    expect(within(list).queryByRole("button", { name: /Budi/ })).toBeNull();
    expect(asked).toContain("staff-performance?period=month");
    await user.click(screen.getByRole("button", { name: "2 staff" }));
    expect(screen.getByRole("menuitemcheckbox", { name: "Ana" })).toHaveAttribute("data-disabled");
    await user.click(screen.getByRole("menuitemcheckbox", { name: "Budi" }));
    expect(router.state.location.search).toMatchObject({ people: "s-1,s-3,s-2" });
  });
});

describe("The period before", () => {
  const day = (date: string, ndp: number) => ({ date, "ndp_s-1": ndp, "rdp_s-1": 0 });
  const staff = [{ id: "s-1", name: "Ana" }];
  const heat = (count: number): Heatmap["grid"] => [
    {
      staff_id: "s-1",
      staff_name: "Ana",
      days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map((name) => ({
        day: name,
        count,
        amount: count * 1000,
        avg: 1000,
      })),
    },
  ];

  it("is drawn by the charts of staff and days", async () => {
    only("staff-ndp-rdp-daily", "revenue-heatmap");
    answer({
      "staff-ndp-rdp-daily": {
        ...PERIOD,
        staff,
        chart_data: [day("2025-03-01", 4)],
        previous: { ...PERIOD, staff, chart_data: [day("2025-01-30", 7)] },
      },
      "revenue-heatmap": {
        ...PERIOD,
        grid: heat(2),
        max_count: 2,
        max_amount: 2000,
        day_names: [],
        previous: { ...PERIOD, grid: heat(5), max_count: 5, max_amount: 5000, day_names: [] },
      },
    });
    await show("?tab=deposits&compare=true");
    expect(
      await screen.findByRole("button", { name: "1 Mar 2025: Ana 4, Period before 7" }),
    ).toBeInTheDocument();
    const cells = await screen.findAllByRole("button", { name: /^Ana, Mon: 2, .*, before: 5$/ });
    expect(cells[0]).toHaveTextContent("2↓");
    expect(asked.every((path) => path.endsWith("compare=true"))).toBe(true);
  });

  it("stands beside the parts of a ring", async () => {
    answer({ "product-performance": { ...PRODUCT, previous: { ...PRODUCT, product_data: [] } } });
    only("product-performance");
    await show("?tab=customers&compare=true");
    expect(await screen.findByRole("button", { name: "Product A: 3, 100%, before: 0" })).toBeVisible();
  });

  it("is a line across the bars of staff side by side", async () => {
    only("staff-compare");
    const value = {
      ...PERIOD,
      staff_data: [],
      daily_chart: [],
      summary: { total_ndp_amount: 0, total_rdp_amount: 0, total_amount: 0, ndp_share: null },
    };
    const half = TEAM.staff_metrics.map((row) => ({ ...row, records_in_period: 10 }));
    answer({
      "staff-performance": { ...TEAM, previous: { ...TEAM, staff_metrics: half } },
      "customer-value-comparison": { ...value, previous: value },
    });
    const { user } = await show("?people=s-1,s-3&compare=true");
    const bar = await screen.findByRole("button", { name: "Assigned, Ana: 20" });
    expect(bar.querySelector("span[aria-hidden]")).not.toBeNull();
    await user.click(screen.getByRole("button", { name: "Compare with the period before" }));
    await waitFor(() => expect(bar.querySelector("span[aria-hidden]")).toBeNull());
  });
});

describe("A mark", () => {
  it("opens what it is the sum of: sorted by the server, with onward links, as a file; Escape closes it", async () => {
    only("deposit-trends");
    const drill = { start_date: "2025-02-24", end_date: "2025-03-01", total_ndp: 1, total_rdp: 2 };
    answer({ "deposit-trends": TREND });
    server.use(
      http.get("/api/analytics/drill-down/date-deposits", ({ request }) => {
        const url = new URL(request.url);
        asked.push(`drill${url.search}`);
        const offset = Number(url.searchParams.get("offset") ?? 0);
        const all = Array.from({ length: 8 }, (_, number) => deposit(number));
        return HttpResponse.json(
          {
            ...drill,
            total_count: 8,
            total_amount: 30_000_000,
            deposits: all.slice(offset, url.searchParams.get("limit") === "50" ? offset + 5 : undefined),
          },
          { headers: { "X-Total-Count": "8" } },
        );
      }),
    );
    const { user, router } = await show("?tab=deposits&granularity=weekly&staff_id=s-1");
    const mark = await screen.findByRole("button", {
      name: "24 Feb 2025: Amount 1,500,000, Deposits 3, This step is not whole within the period.",
    });
    mark.focus();
    await user.keyboard("{Enter}");
    const sheet = within(await screen.findByRole("dialog", { name: "Week of 24 Feb 2025" }));
    expect(router.state.location.search).toMatchObject({ panel: "date-deposits", of: "week:2025-02-24" });
    expect(await sheet.findByText("30,000,000")).toBeVisible();
    expect(sheet.getByRole("link", { name: "user4" })).toHaveAttribute("href", "/customers/user4");
    expect(sheet.getAllByRole("link", { name: "25 Feb 2025" })[4]).toHaveAttribute(
      "href",
      "/omset?tab=ledger&open=o-4",
    );
    await user.click(sheet.getByRole("button", { name: "Next" }));
    expect(await sheet.findByRole("link", { name: "user7" })).toBeVisible();
    expect(sheet.queryByRole("link", { name: "user4" })).toBeNull();
    await user.selectOptions(sheet.getByLabelText("Type"), "RDP");
    await waitFor(() =>
      expect(asked.at(-1)).toBe(
        "drill?period=month&staff_id=s-1&date=2025-02-24&granularity=weekly&type=RDP&limit=50",
      ),
    );
    const files: Blob[] = [];
    URL.createObjectURL = (blob) => {
      files.push(blob as Blob);
      return "blob:test";
    };
    URL.revokeObjectURL = () => {};
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => {});
    await user.click(sheet.getByRole("button", { name: "CSV" }));
    await waitFor(() => expect(files).toHaveLength(1));
    const lines = (await textOf(files[0] as Blob)).split("\r\n");
    expect(lines).toHaveLength(10);
    expect(lines[1]).toBe("user0,,Ana,Product A,RDP,2025-02-25,500000,'=1+1");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(mark).toHaveFocus();
    expect(router.state.location.search).toEqual({
      tab: "deposits",
      granularity: "weekly",
      staff_id: "s-1",
    });
  });
});
