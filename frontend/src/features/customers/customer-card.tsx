import { PhoneCell } from "@/components/data-table";
import type { HeldRecord } from "./api";

/** One customer at phone size: who it is, the number to copy or to open in WhatsApp. */
export function CustomerCard({ record, withDatabase }: { record: HeldRecord; withDatabase: boolean }) {
  return (
    <div className="grid gap-1">
      <span data-testid="customer" className="break-all font-medium">
        {record.customer_id}
      </span>
      {record.display_name && <span className="text-muted text-sm">{record.display_name}</span>}
      <div className="flex flex-wrap items-center justify-between gap-x-3 text-sm">
        <PhoneCell phone={record.phone_e164} />
        {withDatabase && record.database_name && (
          <span className="truncate text-muted text-xs">{record.database_name}</span>
        )}
      </div>
    </div>
  );
}
