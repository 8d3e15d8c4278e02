import { createContext, type ReactNode, useContext } from "react";
import type { TableSearch } from "@/lib/table-search";
import type { ChartSlug } from "./catalogue";
import type { AnalyticsSearch, ChartFilter, Drill } from "./search";

export type Analytics = {
  search: TableSearch<AnalyticsSearch>;
  filter: ChartFilter;
  /** Whether the equal period before is shown too. */
  compare: boolean;
  /** Opens what a mark is the sum of. */
  drill: (what: Drill, id: string, part?: string) => void;
};

export const AnalyticsContext = createContext<Analytics | null>(null);

export function useAnalytics(): Analytics {
  const value = useContext(AnalyticsContext);
  if (!value) throw new Error("useAnalytics outside of the page");
  return value;
}

/** The place of one chart on the page. */
export type Frame = { slug: ChartSlug; handle?: ReactNode; menu?: ReactNode };

export const FrameContext = createContext<Frame | null>(null);

export function useFrame(): Frame {
  const value = useContext(FrameContext);
  if (!value) throw new Error("useFrame outside of a place");
  return value;
}
