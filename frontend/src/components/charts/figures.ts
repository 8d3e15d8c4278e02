import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import type { Unit } from "./series";

export type Figures = {
  /** As much as fits on an axis or beside a bar: "1,5 jt". */
  short: (value: number | null, unit: Unit) => string;
  /** To the last digit, for tables, labels and hints. */
  full: (value: number | null, unit: Unit) => string;
};

/** Figures as text; what is not known is a dash, never a nought. */
export function useFigures(): Figures {
  const { t } = useTranslation();
  const format = useFormat();
  return useMemo(() => {
    const named = (text: string, unit: Unit) => {
      if (unit === "percent") return `${text}%`;
      if (unit === "hours") return t("charts.hours", { value: text });
      return unit === "days" ? t("charts.days", { value: text }) : text;
    };
    return {
      short: (value, unit) => (value === null ? "–" : named(format.compact(value), unit)),
      full: (value, unit) => (value === null ? "–" : named(format.number(value), unit)),
    };
  }, [t, format]);
}
