import { Ban } from "lucide-react";
import { useTranslation } from "react-i18next";
import { PhoneCell } from "@/components/data-table";
import { StatusBadge } from "@/components/feedback";
import { useReasonName } from "@/lib/reason-name";
import type { InvalidRecord } from "./types";

/** One rejected record at phone size. */
export function RecordCard({ record }: { record: InvalidRecord }) {
  const { t } = useTranslation();
  const reasonName = useReasonName();
  return (
    <div className="grid gap-1.5">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <span data-testid="customer" className="break-all font-medium">
          {record.customer_id}
        </span>
        <StatusBadge
          icon={Ban}
          tone="danger"
          label={record.validation_reason ? reasonName(record.validation_reason) : t("validation.no_reason")}
        />
      </div>
      {record.validation_note && <p className="break-words text-muted text-sm">{record.validation_note}</p>}
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm">
        <PhoneCell phone={record.phone_e164} />
        <span className="break-words text-muted text-xs">{record.database_name}</span>
      </div>
    </div>
  );
}
