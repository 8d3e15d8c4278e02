import { CalendarCheck, Flame, Target, TrendingUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { StatTile } from "@/components/feedback";
import { Card } from "@/components/ui/surface";
import { DayCalendar } from "./day-calendar";
import { ShareBar } from "./figure-table";
import { LevelBadge } from "./level";
import type { OwnProgress } from "./types";

/** How one person stands in a month: the figures, and the days they come from. */
export function ProgressView({ progress }: { progress: OwnProgress }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { targets } = progress;
  const isNow = progress.today.startsWith(`${progress.year}-${String(progress.month).padStart(2, "0")}`);
  const of = (value: number, target: number) =>
    t("performance.of", { value: format.number(value), target: format.number(target) });
  const past = ([1, 2] as const).filter((number) => progress[`prev_month_${number}_counts`]);
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <LevelBadge row={progress} />
        {progress.targets_are_own && <span className="text-muted">{t("performance.own_targets")}</span>}
        {past.map((number) => (
          <span key={number} className="text-muted">
            {t(`performance.months_ago_${number}`, {
              count: progress[`prev_month_${number}_success`],
            })}
          </span>
        ))}
      </div>
      <section
        aria-label={t("performance.figures")}
        className="grid grid-cols-2 gap-2 md:grid-cols-3 xl:grid-cols-6"
      >
        <StatTile
          icon={CalendarCheck}
          label={t("performance.success_days")}
          value={of(progress.success_days, progress.required_success_days)}
          hint={
            <>
              {t("performance.days_remaining", { count: progress.days_remaining })}
              <ShareBar
                value={progress.success_days}
                most={progress.required_success_days}
                className="bg-success"
              />
            </>
          }
        />
        <StatTile
          icon={TrendingUp}
          label={t("performance.projected")}
          value={progress.projected_success === null ? "–" : format.number(progress.projected_success)}
          hint={t("performance.projected_hint")}
        />
        <StatTile
          icon={Flame}
          label={t("performance.streak")}
          value={format.number(progress.streak)}
          hint={t("performance.streak_hint")}
        />
        <StatTile
          icon={Target}
          label={t("performance.omset")}
          value={format.number(progress.total_omset)}
          hint={
            progress.omset_percentage !== null &&
            t("performance.percent_of", {
              percent: format.number(progress.omset_percentage),
              target: format.number(targets.monthly_omset),
            })
          }
        />
        {isNow && (
          <>
            <StatTile
              label={t("performance.ndp_today")}
              value={of(progress.today_ndp, targets.daily_ndp)}
              hint={<ShareBar value={progress.today_ndp} most={targets.daily_ndp} />}
            />
            <StatTile
              label={t("performance.rdp_today")}
              value={of(progress.today_rdp, targets.daily_rdp)}
              hint={<ShareBar value={progress.today_rdp} most={targets.daily_rdp} className="bg-success" />}
            />
          </>
        )}
      </section>
      <Card className="max-w-4xl p-3 sm:p-4">
        <h2 className="pb-3 font-medium text-sm">{t("performance.days")}</h2>
        <DayCalendar
          days={progress.daily_breakdown}
          year={progress.year}
          month={progress.month}
          length={progress.days_in_month}
          today={progress.today}
        />
      </Card>
    </div>
  );
}
