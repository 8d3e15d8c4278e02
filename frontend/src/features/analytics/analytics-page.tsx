import { useQuery } from "@tanstack/react-query";
import { LayoutGrid, RotateCcw } from "lucide-react";
import { lazy, type ReactNode, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Card, Skeleton } from "@/components/ui/surface";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useTableSearch } from "@/lib/table-search";
import { layoutOptions, useSaveLayout } from "./api";
import { arranged, CHARTS, type ChartSlug, type Layout, reordered } from "./catalogue";
import {
  CustomerValueComparison,
  DatabaseUtilization,
  OmsetByProduct,
  ProductPerformance,
} from "./charts-customers";
import { DepositTrends, NdpVsRdp, OmsetTrend } from "./charts-deposits";
import { RevenueHeatmap, StaffNdpRdpDaily } from "./charts-staff-days";
import { DailyActivity, ResponseRate, StaffComparison, WaMix } from "./charts-team";
import { ConversionFunnel, DepositLifecycle, FollowupEffectiveness, ResponseTime } from "./charts-work";
import { type Analytics, AnalyticsContext } from "./context";
import { DrillSheet } from "./drill-sheet";
import { AnalyticsFilters } from "./filter-bar";
import { type AnalyticsSearch, filterOf, TABS, type Tab } from "./search";
import { SideBySide } from "./side-by-side";

const DRAWN: Record<ChartSlug, () => ReactNode> = {
  "staff-comparison": StaffComparison,
  "staff-compare": SideBySide,
  "daily-activity": DailyActivity,
  "whatsapp-mix": WaMix,
  "response-rate": ResponseRate,
  "staff-conversion-funnel": ConversionFunnel,
  "response-time-by-staff": ResponseTime,
  "followup-effectiveness": FollowupEffectiveness,
  "deposit-lifecycle": DepositLifecycle,
  "deposit-trends": DepositTrends,
  "omset-trend": OmsetTrend,
  "ndp-vs-rdp": NdpVsRdp,
  "staff-ndp-rdp-daily": StaffNdpRdpDaily,
  "revenue-heatmap": RevenueHeatmap,
  "product-performance": ProductPerformance,
  "omset-by-product": OmsetByProduct,
  "customer-value-comparison": CustomerValueComparison,
  "database-utilisation": DatabaseUtilization,
};

// What moves things about is fetched with the page, and only then.
const Board = lazy(() => import("./board"));

const AS_IT_STARTS: Layout = { widget_order: [], hidden: [] };

/** /analytics: eighteen charts in four tabs, one filter for all of them; every mark opens what it is the sum of. */
export function AnalyticsPage() {
  const { t } = useTranslation();
  const search = useTableSearch<AnalyticsSearch>();
  const { values } = search;
  const tab: Tab = values.tab ?? "team";
  const query = useQuery(layoutOptions);
  const save = useSaveLayout();
  // A layout that could not be read is no reason to show no chart.
  const layout = query.data ?? AS_IT_STARTS;
  const shown = arranged(tab, layout);

  const context = useMemo<Analytics>(
    () => ({
      search,
      filter: filterOf(search.values),
      compare: search.values.compare === "true",
      drill: (panel, of, part) => search.set({ panel, of, part, sort: undefined }),
    }),
    [search],
  );

  const hide = (slug: ChartSlug, hidden: boolean) =>
    save.mutate({
      ...layout,
      hidden: hidden ? [...layout.hidden, slug] : layout.hidden.filter((each) => each !== slug),
    });

  return (
    <AnalyticsContext value={context}>
      <PageHeader
        title={t("nav.analytics")}
        description={t("analytics.hint")}
        actions={
          <DropdownMenu>
            <DropdownMenuTrigger asChild>
              <Button>
                <LayoutGrid aria-hidden />
                {t("analytics.choose_charts")}
              </Button>
            </DropdownMenuTrigger>
            <DropdownMenuContent align="end">
              {TABS.map((each) => (
                <div key={each}>
                  <DropdownMenuLabel>{t(`analytics.tabs.${each}`)}</DropdownMenuLabel>
                  {CHARTS[each].map((slug) => (
                    <DropdownMenuCheckboxItem
                      key={slug}
                      checked={!layout.hidden.includes(slug)}
                      onCheckedChange={(checked) => hide(slug, checked !== true)}
                      onSelect={(event) => event.preventDefault()}
                    >
                      {t(`analytics.charts.${slug}.title`)}
                    </DropdownMenuCheckboxItem>
                  ))}
                </div>
              ))}
              <DropdownMenuSeparator />
              <DropdownMenuItem onSelect={() => save.mutate(AS_IT_STARTS)}>
                <RotateCcw aria-hidden />
                {t("analytics.reset_layout")}
              </DropdownMenuItem>
            </DropdownMenuContent>
          </DropdownMenu>
        }
      />
      <AnalyticsFilters />
      <Tabs
        value={tab}
        onValueChange={(value) =>
          search.set({ tab: value === "team" ? undefined : (value as AnalyticsSearch["tab"]) })
        }
      >
        <TabsList aria-label={t("analytics.sections")} className="mb-3">
          {TABS.map((each) => (
            <TabsTrigger key={each} value={each}>
              {t(`analytics.tabs.${each}`)}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value={tab}>
          {query.isPending ? (
            <Waiting />
          ) : shown.length === 0 ? (
            <Card>
              <EmptyState
                icon={LayoutGrid}
                title={t("analytics.all_hidden")}
                action={
                  <Button
                    onClick={() =>
                      save.mutate({
                        ...layout,
                        hidden: layout.hidden.filter(
                          (slug) => !(CHARTS[tab] as readonly string[]).includes(slug),
                        ),
                      })
                    }
                  >
                    {t("analytics.show_again")}
                  </Button>
                }
              />
            </Card>
          ) : (
            <Suspense fallback={<Waiting />}>
              <Board
                shown={shown}
                onOrder={(order) => save.mutate({ ...layout, widget_order: reordered(layout, tab, order) })}
                onHide={(slug) => hide(slug, true)}
              >
                {(slug) => {
                  const Drawn = DRAWN[slug];
                  return <Drawn />;
                }}
              </Board>
            </Suspense>
          )}
        </TabsContent>
      </Tabs>
      <DrillSheet />
    </AnalyticsContext>
  );
}

function Waiting() {
  return (
    <div aria-busy className="grid gap-3 lg:grid-cols-2">
      <Skeleton className="h-80" />
      <Skeleton className="h-80" />
    </div>
  );
}
