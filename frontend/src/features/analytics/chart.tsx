import { ChartNoAxesCombined } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ChartCard, type ChartCardProps } from "@/components/charts";
import { Button } from "@/components/ui/button";
import { useAnalytics, useFrame } from "./context";

type Given = "id" | "title" | "definition" | "handle" | "menu" | "empty" | "className";

/** A chart at its place: named, defined and moved as the catalogue and the board say. */
export function Chart<T, R>(props: Omit<ChartCardProps<T, R>, Given>) {
  const { t } = useTranslation();
  const { slug, handle, menu } = useFrame();
  const { search } = useAnalytics();
  const { period } = search.values;
  return (
    <ChartCard
      {...props}
      id={slug}
      title={t(`analytics.charts.${slug}.title`)}
      definition={t(`analytics.charts.${slug}.definition`)}
      handle={handle}
      menu={menu}
      className="h-full"
      empty={{
        icon: ChartNoAxesCombined,
        title: t("analytics.empty"),
        description: t("analytics.empty_hint"),
        action:
          period === "year" ? undefined : (
            <Button onClick={() => search.set({ period: "year" })}>{t("analytics.last_year")}</Button>
          ),
      }}
    />
  );
}
