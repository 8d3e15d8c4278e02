import { CalendarDays, ReceiptText, Trophy } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { StatTile } from "@/components/feedback";
import type { DepositsToday } from "./api";

const days = (start: string, end: string) => ({ tab: "ledger", start_date: start, end_date: end });

/** Turnover of today and of the month so far, each beside the same span before; the best day of the month. */
export function Turnover({ deposits }: { deposits: DepositsToday }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { today, yesterday, month, last_month, best_day } = deposits;
  const counts = (span: typeof today) =>
    t("today.counts", { ndp: format.number(span.total_ndp), rdp: format.number(span.total_rdp) });
  return (
    <section aria-label={t("today.turnover")} className="grid gap-2 sm:grid-cols-3">
      <StatTile
        label={t("today.turnover_today")}
        value={format.number(today.total_omset)}
        hint={
          <>
            {counts(today)}
            <br />
            {t("today.yesterday", { money: format.number(yesterday.total_omset) })}
          </>
        }
        icon={ReceiptText}
        to="/omset"
        search={days(today.start_date, today.end_date)}
      />
      <StatTile
        label={t("today.turnover_month")}
        value={format.number(month.total_omset)}
        hint={
          <>
            {counts(month)}
            <br />
            {t("today.last_month", { money: format.number(last_month.total_omset) })}
          </>
        }
        icon={CalendarDays}
        to="/omset"
        search={days(month.start_date, month.end_date)}
      />
      {best_day && (
        <StatTile
          label={t("today.best_day")}
          value={format.number(best_day.total_omset)}
          hint={format.day(best_day.date)}
          icon={Trophy}
          to="/omset"
          search={days(best_day.date, best_day.date)}
        />
      )}
    </section>
  );
}
