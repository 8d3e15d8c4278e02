import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { TypeBadge, useWhy } from "./badges";
import type { Explanation } from "./types";

/** Why a deposit is NDP or RDP: its key, and the first deposit that decided it (spec 4.1). */
export function WhyType({ explanation }: { explanation: Explanation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const why = useWhy();
  const { customer_type, customer_key, staff_name, product_name, decided_by } = explanation;
  return (
    <section className="grid gap-2 text-sm">
      <h3 className="font-medium text-muted text-xs">{t("deposits.why_title")}</h3>
      <p className="flex flex-wrap items-center gap-2">
        {customer_type && <TypeBadge type={customer_type} />}
        {why(explanation)}
      </p>
      <p className="break-words text-muted text-xs">
        {t("deposits.key", { customer: customer_key, staff: staff_name, product: product_name })}
      </p>
      {decided_by && (
        <p className="break-words text-muted text-xs">
          {t("deposits.decided_by", {
            date: format.day(decided_by.record_date),
            time: format.dateTime(decided_by.created_at),
            name: decided_by.created_by_name,
          })}
        </p>
      )}
    </section>
  );
}
