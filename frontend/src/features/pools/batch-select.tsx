import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Field } from "@/components/ui/field";
import { NativeSelect } from "@/components/ui/input";
import { batchesOptions } from "./api";
import type { Module } from "./types";

/** A new batch, or one that this staff already has of this database (spec 2: batches of Member WD can grow). */
export function BatchSelect({
  module,
  databaseId,
  staffId,
  value,
  onChange,
  error,
}: {
  module: Module;
  databaseId: string;
  staffId: string;
  value: string | undefined;
  onChange: (batchId: string | undefined) => void;
  error?: string;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(batchesOptions(module, databaseId, staffId));
  return (
    <Field label={t("pools.assign.batch")} hint={t("pools.assign.batch_hint")} error={error}>
      <NativeSelect value={value ?? ""} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">{t("pools.assign.new_batch")}</option>
        {(query.data ?? []).map((batch) => (
          <option key={batch.id} value={batch.id}>
            {t("pools.assign.batch_option", {
              title: batch.title || format.dateTime(batch.created_at),
              count: batch.record_count,
              formatted: format.number(batch.record_count),
            })}
          </option>
        ))}
      </NativeSelect>
    </Field>
  );
}
