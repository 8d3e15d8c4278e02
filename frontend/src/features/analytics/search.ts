import { tableSearchSchema } from "@/lib/table-search";
import { z } from "@/lib/zod";

const text = z.string().optional().catch(undefined);
const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .optional()
  .catch(undefined);

/** Without one: the last 30 days. */
export const PERIODS = ["today", "yesterday", "week", "quarter", "year", "custom"] as const;
export const TABS = ["team", "work", "deposits", "customers"] as const;
export type Tab = (typeof TABS)[number];

/** What a mark opens; `of` names the staff, the product or the days, `part` what of it. */
export const DRILLS = [
  "response-time",
  "followup-detail",
  "lifecycle",
  "work-done",
  "product-staff",
  "staff-customers",
  "date-deposits",
  "weekday-deposits",
] as const;
export type Drill = (typeof DRILLS)[number];

/** How many staff stand side by side. */
export const FEWEST = 2;
export const MOST = 6;

/** /analytics. `sort`, `cursor` and `page` belong to the drill-down; the page itself has no list. */
export const analyticsSearchSchema = tableSearchSchema.extend({
  tab: z.enum(["work", "deposits", "customers"]).optional().catch(undefined),
  period: z.enum(PERIODS).optional().catch(undefined),
  custom_start: day,
  custom_end: day,
  product_id: text,
  staff_id: text,
  compare: z.enum(["true"]).optional().catch(undefined),
  granularity: z.enum(["weekly", "monthly"]).optional().catch(undefined),
  /** The heat-map's; without it deposits are counted. */
  measure: z.enum(["amount"]).optional().catch(undefined),
  /** Ids of the staff that stand side by side, with commas between. */
  people: text,
  of: text,
  part: text,
  panel: z.enum(DRILLS).optional().catch(undefined),
});
export type AnalyticsSearch = z.infer<typeof analyticsSearchSchema>;

/** What every chart and every drill-down is asked with. */
export type ChartFilter = {
  period: string;
  custom_start?: string;
  custom_end?: string;
  product_id?: string;
  staff_id?: string;
};

/** Half a range of one's own is none yet: the charts stay with the last 30 days until both ends are there. */
export function filterOf(search: AnalyticsSearch): ChartFilter {
  const { custom_start, custom_end, product_id, staff_id } = search;
  const whole = custom_start !== undefined && custom_end !== undefined && custom_start <= custom_end;
  const own = search.period === "custom";
  return {
    period: own && !whole ? "month" : (search.period ?? "month"),
    ...(own && whole ? { custom_start, custom_end } : {}),
    product_id,
    staff_id,
  };
}

export const peopleOf = (search: AnalyticsSearch): string[] => [
  ...new Set((search.people ?? "").split(",").filter(Boolean)),
];
