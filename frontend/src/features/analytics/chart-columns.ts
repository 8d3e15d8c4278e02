import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import type { ChartColumn, Unit } from "@/components/charts";
import { useAnalytics } from "./context";

/** Columns that the tables of several charts have. */
export function useChartColumns() {
  const { t } = useTranslation();
  const format = useFormat();
  const { compare } = useAnalytics();
  return useMemo(
    () => ({
      day: <R extends { date: string }>(): ChartColumn<R> => ({
        key: "date",
        label: t("analytics.day"),
        value: (row) => row.date,
        text: ({ date }) => (date.length === 7 ? format.month(`${date}-01`) : format.day(date)),
      }),
      staff: <R extends { staff_name: string }>(): ChartColumn<R> => ({
        key: "staff",
        label: t("analytics.staff"),
        value: (row) => row.staff_name,
      }),
      product: <R extends { product_name: string }>(): ChartColumn<R> => ({
        key: "product",
        label: t("analytics.product"),
        value: (row) => row.product_name,
      }),
      /** What it was in the period before, while two periods are compared. */
      before: <R>(unit: Unit, value: (row: R) => number | null): ChartColumn<R>[] =>
        compare ? [{ key: "before", label: t("analytics.before"), unit, value }] : [],
    }),
    [t, format, compare],
  );
}
