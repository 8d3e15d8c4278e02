import type { Tab } from "./search";

/** Every chart by the name under which its place is kept, in the order in which they start. */
export const CHARTS = {
  team: ["staff-comparison", "staff-compare", "daily-activity", "whatsapp-mix", "response-rate"],
  work: ["staff-conversion-funnel", "response-time-by-staff", "followup-effectiveness", "deposit-lifecycle"],
  deposits: ["deposit-trends", "omset-trend", "ndp-vs-rdp", "staff-ndp-rdp-daily", "revenue-heatmap"],
  customers: ["product-performance", "omset-by-product", "customer-value-comparison", "database-utilisation"],
} as const satisfies Record<Tab, readonly string[]>;

export type ChartSlug = (typeof CHARTS)[Tab][number];

export const ALL_CHARTS: readonly ChartSlug[] = Object.values(CHARTS).flat();

export type Layout = { widget_order: string[]; hidden: string[] };

/** The charts of a tab in the order that somebody has chosen; what is new since stands where it starts. */
export function arranged(tab: Tab, layout: Layout): ChartSlug[] {
  const place = (slug: ChartSlug) => {
    const chosen = layout.widget_order.indexOf(slug);
    return chosen < 0 ? layout.widget_order.length + ALL_CHARTS.indexOf(slug) : chosen;
  };
  return [...CHARTS[tab]].filter((slug) => !layout.hidden.includes(slug)).sort((a, b) => place(a) - place(b));
}

/** The whole order after the shown charts of a tab were put into another one; hidden ones keep to the end. */
export function reordered(layout: Layout, tab: Tab, shown: readonly ChartSlug[]): string[] {
  return Object.keys(CHARTS).flatMap((each) => {
    const all = arranged(each as Tab, { ...layout, hidden: [] });
    return each === tab ? [...shown, ...all.filter((slug) => !shown.includes(slug))] : all;
  });
}
