import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, Target } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { mayOpen, useCan, useMe } from "@/api/session";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import { cn } from "@/lib/cn";
import { progressOptions } from "./api";
import { ShareBar } from "./figure-table";

/** What today still takes, for those who have targets; nothing for the others, and nothing while it is not known. */
export function TargetBanner() {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const me = useMe();
  const works = can("records.work") && can("performance.read");
  const progress = useQuery({ ...progressOptions(), enabled: works }).data;
  if (!works || !progress) return null;
  const { targets, today_ndp, today_rdp, today_target_reached, success_days, required_success_days } =
    progress;
  const Icon = today_target_reached ? CircleCheck : Target;
  return (
    <Card
      aria-label={t("performance.target_today")}
      className={cn("grid max-w-3xl gap-3 p-4", today_target_reached && "border-success/50 bg-success-soft")}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Icon className={cn("size-5", today_target_reached ? "text-success" : "text-muted")} aria-hidden />
        <p className="flex-1 font-medium text-sm">
          {today_target_reached
            ? t("performance.today_reached")
            : t("performance.today_missing", {
                ndp: format.number(Math.max(0, targets.daily_ndp - today_ndp)),
                rdp: format.number(Math.max(0, targets.daily_rdp - today_rdp)),
              })}
        </p>
        {mayOpen(me, "team") && (
          <Button asChild size="sm">
            <Link to="/team">{t("performance.my_progress")}</Link>
          </Button>
        )}
      </div>
      <div className="grid grid-cols-2 gap-4 text-sm">
        <p>
          NDP{" "}
          {t("performance.of", { value: format.number(today_ndp), target: format.number(targets.daily_ndp) })}
          <ShareBar value={today_ndp} most={targets.daily_ndp} />
        </p>
        <p>
          RDP{" "}
          {t("performance.of", { value: format.number(today_rdp), target: format.number(targets.daily_rdp) })}
          <ShareBar value={today_rdp} most={targets.daily_rdp} className="bg-success" />
        </p>
      </div>
      <p className="text-muted text-xs">
        {t("performance.banner_days", { value: success_days, target: required_success_days })}
        {progress.streak > 1 && ` · ${t("performance.banner_streak", { count: progress.streak })}`}
      </p>
    </Card>
  );
}
