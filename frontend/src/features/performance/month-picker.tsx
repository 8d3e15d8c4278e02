import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { serverTimeOptions, useFormat } from "@/api/server-time";
import { Button } from "@/components/ui/button";
import { NativeSelect } from "@/components/ui/input";
import { monthsBack } from "./search";

const YEARS_BACK = 3;

/** One month of the last three years, up to this one; `undefined` stands for this one and leaves the URL. */
export function MonthPicker({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (month: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const today = useQuery(serverTimeOptions).data?.today;
  if (!today) return null;
  const now = today.slice(0, 7);
  const month = value ?? now;
  const choose = (wanted: string) => onChange(wanted === now ? undefined : wanted);
  const months = Array.from({ length: YEARS_BACK * 12 }, (_, back) => monthsBack(now, back));
  if (!months.includes(month)) months.push(month);
  return (
    <div className="flex items-center gap-1">
      <Button
        size="icon"
        aria-label={t("performance.earlier_month")}
        onClick={() => choose(monthsBack(month, 1))}
      >
        <ChevronLeft aria-hidden />
      </Button>
      <NativeSelect
        aria-label={t("performance.month")}
        value={month}
        onChange={(event) => choose(event.target.value)}
        className="w-40 max-sm:w-48"
      >
        {months.map((each) => (
          <option key={each} value={each}>
            {format.month(`${each}-01`)}
          </option>
        ))}
      </NativeSelect>
      <Button
        size="icon"
        aria-label={t("performance.later_month")}
        disabled={month >= now}
        onClick={() => choose(monthsBack(month, -1))}
      >
        <ChevronRight aria-hidden />
      </Button>
    </div>
  );
}
