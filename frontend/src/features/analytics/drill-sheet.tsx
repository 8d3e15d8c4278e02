import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { useFormat } from "@/api/server-time";
import { EntitySheet } from "@/components/feedback";
import { productChoicesOptions } from "@/features/products";
import { useAnalytics } from "./context";
import { CustomersOfStaff, DepositsOfBucket, DepositsOfWeekday, StaffOfProduct } from "./drills-deposits";
import { AnswersOfStaff, RecordsOfStaff, WorkDone } from "./drills-work";
import { bucketOf, EVERYBODY, isDay, weekdayOf } from "./marks";
import type { Drill } from "./search";

/** What the mark that was pressed is the sum of; its address is `?panel=…&of=…`, so it can be shared and reloaded. */
export function DrillSheet() {
  const { t } = useTranslation();
  const { search } = useAnalytics();
  const { panel, of } = search.values;
  if (!panel || !of) return null;
  const close = () => search.set({ panel: undefined, of: undefined, part: undefined, sort: undefined });
  return (
    <EntitySheet
      open
      onClose={close}
      title={<Title panel={panel} of={of} />}
      description={t(`analytics.drill.of.${panel}`)}
      className="sm:max-w-4xl"
    >
      {panel === "response-time" && <RecordsOfStaff staffId={of} />}
      {(panel === "followup-detail" || panel === "lifecycle") && <AnswersOfStaff what={panel} staffId={of} />}
      {panel === "work-done" && <WorkDone of={of} />}
      {panel === "product-staff" && <StaffOfProduct productId={of} />}
      {panel === "staff-customers" && <CustomersOfStaff staffId={of} />}
      {panel === "date-deposits" && <DepositsOfBucket of={of} />}
      {panel === "weekday-deposits" && <DepositsOfWeekday of={of} />}
    </EntitySheet>
  );
}

/** The staff, the product or the days that a drill-down is about. */
function Title({ panel, of }: { panel: Drill; of: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const products = useQuery({ ...productChoicesOptions, enabled: panel === "product-staff" });
  const staff = useQuery(staffChoicesOptions);
  const nameOf = (id: string) =>
    staff.data?.find((each) => each.id === id)?.name ?? t("analytics.drill.details");
  if (panel === "product-staff") {
    return products.data?.find((each) => each.id === of)?.name ?? t("analytics.drill.details");
  }
  if (panel === "date-deposits") {
    const { date, granularity } = bucketOf(of);
    if (granularity === "monthly") return format.month(`${date}-01`);
    return granularity === "weekly"
      ? t("analytics.drill.week_of", { day: format.day(date) })
      : format.day(date);
  }
  if (panel === "weekday-deposits") {
    const { weekday, staffId } = weekdayOf(of);
    return `${nameOf(staffId)} · ${format.weekday(`2024-01-0${weekday + 1}`)}`;
  }
  if (panel === "work-done" && isDay(of)) return format.day(of);
  if (of === EVERYBODY) return t("analytics.all_staff");
  return nameOf(of);
}
