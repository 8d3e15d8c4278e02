import { useQuery } from "@tanstack/react-query";
import { GitCompareArrows } from "lucide-react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { serverTimeOptions } from "@/api/server-time";
import { FilterBar, FilterSelect } from "@/components/data-table";
import { Button } from "@/components/ui/button";
import { addDays, asOptions, DayInput } from "@/features/deposits";
import { productChoicesOptions } from "@/features/products";
import { useAnalytics } from "./context";
import { type AnalyticsSearch, PERIODS } from "./search";

/** Days before today with which a range of one's own starts. */
const FIRST_RANGE = 29;

/** What all charts obey; it lives in the address. */
export function AnalyticsFilters() {
  const { t } = useTranslation();
  const { search, compare } = useAnalytics();
  const { period, custom_start, custom_end, product_id, staff_id } = search.values;
  const products = useQuery(productChoicesOptions);
  const staff = useQuery(staffChoicesOptions);
  const today = useQuery(serverTimeOptions).data?.today;

  function choose(value: AnalyticsSearch["period"]) {
    const range =
      value === "custom" && today
        ? { custom_start: custom_start ?? addDays(today, -FIRST_RANGE), custom_end: custom_end ?? today }
        : { custom_start: undefined, custom_end: undefined };
    search.set({ period: value, ...range });
  }

  return (
    <FilterBar
      actions={
        <Button
          aria-pressed={compare}
          variant={compare ? "primary" : "secondary"}
          onClick={() => search.set({ compare: compare ? undefined : "true" })}
        >
          <GitCompareArrows aria-hidden />
          {t("analytics.compare")}
        </Button>
      }
    >
      <FilterSelect
        label={t("analytics.period")}
        value={period}
        onChange={(value) => choose(value as AnalyticsSearch["period"])}
        all={t("analytics.periods.month")}
        options={PERIODS.map((name) => ({ value: name, label: t(`analytics.periods.${name}`) }))}
      />
      {period === "custom" && (
        <>
          <DayInput
            label={t("analytics.from")}
            value={custom_start}
            max={custom_end}
            onChange={(day) => search.set({ custom_start: day })}
          />
          <DayInput
            label={t("analytics.until")}
            value={custom_end}
            min={custom_start}
            onChange={(day) => search.set({ custom_end: day })}
          />
        </>
      )}
      <FilterSelect
        label={t("analytics.product")}
        value={product_id}
        onChange={(value) => search.set({ product_id: value })}
        all={t("analytics.all_products")}
        options={asOptions(products.data)}
      />
      <FilterSelect
        label={t("analytics.staff")}
        value={staff_id}
        onChange={(value) => search.set({ staff_id: value })}
        all={t("analytics.all_staff")}
        options={asOptions(staff.data)}
      />
    </FilterBar>
  );
}
