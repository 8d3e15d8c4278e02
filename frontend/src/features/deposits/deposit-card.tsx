import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { DepositBadges, Money, useConflictText } from "./badges";
import { Customer, type DepositColumns } from "./columns";
import type { Deposit } from "./types";

/** One deposit at phone size. */
export function DepositCard({
  deposit,
  withDay,
  withProduct,
  withStaff,
}: { deposit: Deposit } & DepositColumns) {
  const { t } = useTranslation();
  const format = useFormat();
  const conflict = useConflictText()(deposit);
  const { nominal, depo_kelipatan, depo_total, keterangan, decline_reason } = deposit;
  const facts = [
    withDay && format.day(deposit.record_date),
    withProduct && deposit.product_name,
    withStaff && deposit.staff_name,
  ].filter(Boolean);
  return (
    <div className="grid gap-1 text-sm">
      <div className="flex items-start justify-between gap-3">
        <Customer deposit={deposit} />
        <span className="grid justify-items-end">
          <Money value={depo_total} className="font-medium" />
          {depo_kelipatan !== 1 && (
            <span className="tabular text-muted text-xs">
              {format.number(nominal)} ×{format.number(depo_kelipatan)}
            </span>
          )}
        </span>
      </div>
      {facts.length > 0 && <p className="break-words">{facts.join(" · ")}</p>}
      <DepositBadges deposit={deposit} />
      {conflict && deposit.approval_status === "pending" && (
        <p className="text-warning text-xs">{conflict}</p>
      )}
      {decline_reason && (
        <p className="break-words text-muted text-xs">
          {t("deposits.decline_reason")}: {decline_reason}
        </p>
      )}
      {keterangan && <p className="line-clamp-2 break-words text-muted text-xs">{keterangan}</p>}
    </div>
  );
}
