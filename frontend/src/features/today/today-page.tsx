import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ErrorState, StaleNote } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Card, Skeleton } from "@/components/ui/surface";
import { TargetBanner } from "@/features/performance";
import { BriefingCard } from "@/features/retention";
import { todayOptions } from "./api";
import { DeskCounters, UploadLink } from "./desk-counters";
import { OwnCounters } from "./own-counters";
import { Slipping } from "./slipping";
import { Turnover } from "./turnover";
import { Waiting } from "./waiting";

export function TodayPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(todayOptions);
  const today = query.data;
  return (
    <>
      <PageHeader
        title={t("nav.today")}
        description={today && format.longDate(today.date)}
        actions={today?.desk && today.desk.databases > 0 && <UploadLink />}
      />
      {query.isError && today && <StaleNote error={query.error} onRetry={() => query.refetch()} />}
      {query.isPending ? (
        <div aria-busy className="grid grid-cols-2 gap-2 sm:grid-cols-3 xl:grid-cols-6">
          {["a", "b", "c", "d", "e", "f"].map((key) => (
            <Skeleton key={key} className="h-20" />
          ))}
        </div>
      ) : today === undefined ? (
        <Card>
          <ErrorState error={query.error} onRetry={() => query.refetch()} />
        </Card>
      ) : (
        <div className="grid gap-6">
          <Waiting waiting={today.waiting} />
          <TargetBanner />
          <BriefingCard />
          <Slipping follow_ups={today.follow_ups} at_risk={today.at_risk} />
          {today.deposits && <Turnover deposits={today.deposits} />}
          {today.own && <OwnCounters own={today.own} />}
          {today.desk && <DeskCounters desk={today.desk} />}
        </div>
      )}
    </>
  );
}
