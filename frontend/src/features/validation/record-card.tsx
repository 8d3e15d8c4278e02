import { PhoneCell } from "@/components/data-table";
import { VerdictBadge } from "@/features/pools";
import type { InvalidRecord } from "./types";

/** One rejected record at phone size. */
export function RecordCard({ record }: { record: InvalidRecord }) {
  return (
    <div className="grid gap-1.5">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <span data-testid="customer" className="break-all font-medium">
          {record.customer_id}
        </span>
        <VerdictBadge record={record} />
      </div>
      {record.validation_note && <p className="break-words text-muted text-sm">{record.validation_note}</p>}
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm">
        <PhoneCell phone={record.phone_e164} />
        <span className="break-words text-muted text-xs">{record.database_name}</span>
      </div>
    </div>
  );
}
