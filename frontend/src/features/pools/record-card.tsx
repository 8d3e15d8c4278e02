import { useTranslation } from "react-i18next";
import { PhoneCell } from "@/components/data-table";
import { RecordStatusBadge } from "./record-status";
import type { PoolRecord } from "./types";
import { VerdictBadge } from "./verdict-badge";

/** One record at phone size. */
export function RecordCard({ record }: { record: PoolRecord }) {
  const { t } = useTranslation();
  return (
    <div className="grid gap-1.5">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <span data-testid="customer" className="break-all font-medium">
          {record.customer_id}
        </span>
        <span className="flex flex-wrap gap-1">
          <VerdictBadge record={record} />
          <RecordStatusBadge record={record} />
        </span>
      </div>
      {record.display_name && <span className="text-muted text-sm">{record.display_name}</span>}
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm">
        <PhoneCell phone={record.phone_e164} />
        {(record.assigned_to_name || record.reserved_by_name) && (
          <span className="text-muted text-xs">
            {record.assigned_to_name ??
              t("pools.record.reserved_by", { name: record.reserved_by_name ?? "" })}
          </span>
        )}
      </div>
    </div>
  );
}
