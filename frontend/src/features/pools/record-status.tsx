import {
  Archive,
  CircleDashed,
  Hourglass,
  Lock,
  type LucideIcon,
  Trash2,
  TriangleAlert,
  UserCheck,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge, type Tone } from "@/components/feedback";
import type { PoolRecord, RecordFilter } from "./types";

const LOOKS: Record<RecordFilter, { icon: LucideIcon; tone: Tone }> = {
  available: { icon: CircleDashed, tone: "neutral" },
  requested: { icon: Hourglass, tone: "info" },
  assigned: { icon: UserCheck, tone: "success" },
  invalid_archived: { icon: Archive, tone: "neutral" },
  reserved: { icon: Lock, tone: "accent" },
  trashed: { icon: Trash2, tone: "danger" },
  conflict: { icon: TriangleAlert, tone: "warning" },
};

export const statusIcon = (status: RecordFilter): LucideIcon => LOOKS[status].icon;

/** Where a record is in its life, and whether somebody else has a right to its customer. */
export function RecordStatusBadge({
  record,
}: {
  record: Pick<PoolRecord, "status" | "is_reservation_conflict" | "reserved_by_name">;
}) {
  const { t } = useTranslation();
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      <StatusBadge {...LOOKS[record.status]} label={t(`pools.status.${record.status}`)} />
      {record.is_reservation_conflict && (
        <StatusBadge {...LOOKS.conflict} label={t("pools.status.conflict")} />
      )}
    </span>
  );
}
