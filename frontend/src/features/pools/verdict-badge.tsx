import { BadgeCheck, Ban } from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/components/feedback";
import { useReasonName } from "@/lib/reason-name";
import type { PoolRecord } from "./types";

/** What the holder judged of a record, with the reason when it was rejected; nothing before that. */
export function VerdictBadge({
  record,
}: {
  record: Pick<PoolRecord, "validation_status" | "validation_reason">;
}) {
  const { t } = useTranslation();
  const reasonName = useReasonName();
  if (record.validation_status === "validated") {
    return <StatusBadge icon={BadgeCheck} tone="success" label={t("customers.verdict.validated")} />;
  }
  if (record.validation_status !== "invalid") return null;
  return (
    <StatusBadge
      icon={Ban}
      tone="danger"
      label={record.validation_reason ? reasonName(record.validation_reason) : t("customers.verdict.invalid")}
    />
  );
}
