import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import type { Page } from "@/api/client";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { DataTable, FilterSelect, useSeenRows } from "@/components/data-table";
import { ExportButton } from "@/features/exports";
import type { TableSearch } from "@/lib/table-search";
import { recordsOptions } from "./api";
import type { Pool } from "./descriptors";
import { type Picked, RecordBulk } from "./record-bulk";
import { RecordCard } from "./record-card";
import { recordColumns } from "./record-columns";
import { RecordSheet } from "./record-sheet";
import type { DatabaseSearch } from "./search";
import { type PoolDatabaseDetail, type PoolRecord, RECORD_FILTERS, VERDICT_FILTERS } from "./types";

/** The records of one database: filters in the URL, rows from the server, columns from the file. */
export function RecordsTable({
  pool,
  id,
  database,
  search,
  onAssign,
  onHandOver,
}: {
  pool: Pool;
  id: string;
  database: PoolDatabaseDetail | undefined;
  search: TableSearch<DatabaseSearch>;
  onAssign: (picked: Picked) => void;
  onHandOver: (picked: Picked) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const query = useQuery(recordsOptions(pool.module, id, search.values));
  const staff = useQuery({ ...staffChoicesOptions, enabled: can("staff.list") });
  const columns = useMemo(() => recordColumns(t, format, database), [t, format, database]);
  const { open, status, validation, assigned_to } = search.values;
  const opened = query.data?.items.find((row) => row.id === open);

  // A selection may reach over several pages; what has been seen of it says which actions make sense.
  const seenOf = useSeenRows(query.data?.items);

  const statuses = RECORD_FILTERS.filter((code) => pool.requests || code !== "requested");
  return (
    <>
      <DataTable
        id="records"
        label={t("pools.records")}
        columns={columns}
        query={database ? query : unknownColumns(query)}
        search={search}
        getRowId={(row) => row.id}
        searchLabel={t("pools.search_records")}
        filters={
          <>
            <FilterSelect
              label={t("pools.record.status")}
              value={status}
              onChange={(value) => search.set({ status: value as DatabaseSearch["status"] })}
              all={t("pools.all_statuses")}
              options={statuses.map((code) => ({ value: code, label: t(`pools.status.${code}`) }))}
            />
            <FilterSelect
              label={t("customers.verdict.title")}
              value={validation}
              onChange={(value) => search.set({ validation: value as DatabaseSearch["validation"] })}
              all={t("pools.all_verdicts")}
              options={VERDICT_FILTERS.map((code) => ({
                value: code,
                label: t(`customers.verdict.${code}`),
              }))}
            />
            {can("staff.list") && (
              <FilterSelect
                label={t("pools.record.holder")}
                value={assigned_to}
                onChange={(value) => search.set({ assigned_to: value })}
                all={t("pools.all_holders")}
                options={(staff.data ?? []).map((person) => ({ value: person.id, label: person.name }))}
              />
            )}
          </>
        }
        actions={
          <ExportButton
            kind={pool.exportKind}
            filters={{ status, validation, assigned_to, q: search.values.q }}
            fixed={{ database_id: id, sort: search.values.sort }}
          />
        }
        empty={{ icon: pool.icon, title: t("pools.records_empty") }}
        onOpen={(row) => search.setOpen(row.id)}
        isOpen={(row) => row.id === open}
        card={(row) => <RecordCard record={row} />}
        bulk={(selection) => {
          const picked = {
            ids: selection.ids,
            rows: seenOf(selection.ids),
            clear: selection.clear,
          };
          return (
            <RecordBulk
              pool={pool}
              picked={picked}
              trash={status === "trashed"}
              onAssign={() => onAssign(picked)}
              onHandOver={() => onHandOver(picked)}
            />
          );
        }}
      />
      <RecordSheet id={open} record={opened} onClose={() => search.setOpen(undefined)} />
    </>
  );
}

/** Rows without the file's columns would be drawn twice, so they wait for them. */
function unknownColumns<R extends UseQueryResult<Page<PoolRecord>>>(query: R): R {
  return { ...query, data: undefined, isPending: true, isError: false, isPlaceholderData: false };
}
