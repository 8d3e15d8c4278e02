import { useQuery } from "@tanstack/react-query";
import { CircleCheck, Replace } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { DataTable, FilterSelect } from "@/components/data-table";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { DatabaseFilter, POOLS, RecordSheet } from "@/features/pools";
import { useReasonName } from "@/lib/reason-name";
import { useTableSearch } from "@/lib/table-search";
import { invalidRecordsOptions, summaryOptions } from "./api";
import { InvalidBulk } from "./invalid-bulk";
import { ProcessSheet } from "./process-sheet";
import { RecordCard } from "./record-card";
import { invalidColumns } from "./record-columns";
import type { Group, ValidationSearch } from "./search";

/** What one staff has rejected in one module, to be replaced, archived or given back. */
export function StaffRecords({ group }: { group: Group }) {
  const { t } = useTranslation();
  const format = useFormat();
  const reasonName = useReasonName();
  const search = useTableSearch<ValidationSearch>();
  const query = useQuery(invalidRecordsOptions(group, search.values));
  const summary = useQuery(summaryOptions());
  const staff = summary.data?.staff.find(
    (entry) => entry.staff_id === group.staffId && entry.module === group.module,
  );
  const columns = useMemo(() => invalidColumns(t, format), [t, format]);
  const [processing, setProcessing] = useState<{
    ids?: string[];
    replace: boolean;
    clear?: () => void;
  } | null>(null);

  // The name stays on screen when nothing is left to do.
  const [name, setName] = useState<string>();
  const found = staff?.staff_name ?? query.data?.items[0]?.assigned_to_name ?? undefined;
  if (found && found !== name) setName(found);

  const { open, reason, database_id } = search.values;
  const total = staff?.count ?? 0;
  return (
    <>
      <PageHeader
        back={{ to: "/validation", label: t("validation.title") }}
        title={name ?? (summary.isPending ? <Skeleton className="h-7 w-40" /> : t("validation.title"))}
        documentTitle={t("validation.title")}
        description={`${t(POOLS[group.module].title)} · ${t("validation.rejected_count", {
          count: total,
          formatted: format.number(total),
        })}`}
        actions={
          total > 0 && (
            <Button variant="primary" onClick={() => setProcessing({ replace: true })}>
              <Replace aria-hidden />
              {t("validation.process.all")}
            </Button>
          )
        }
      />
      <DataTable
        id="validation-records"
        label={t("validation.records")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(row) => row.id}
        searchLabel={t("validation.search")}
        filters={
          <>
            <FilterSelect
              label={t("validation.reason")}
              value={reason}
              onChange={(value) => search.set({ reason: value })}
              all={t("validation.all_reasons")}
              options={(staff?.by_reason ?? []).map((entry) => ({
                value: entry.reason,
                label: `${reasonName(entry.reason)} (${format.number(entry.count)})`,
              }))}
            />
            <DatabaseFilter
              module={group.module}
              value={database_id}
              onChange={(value) => search.set({ database_id: value })}
            />
          </>
        }
        empty={{
          icon: CircleCheck,
          title: t("validation.staff_empty"),
          description: t("validation.empty_hint"),
        }}
        onOpen={(row) => search.setOpen(row.id)}
        isOpen={(row) => row.id === open}
        card={(row) => <RecordCard record={row} />}
        bulk={(selection) => (
          <InvalidBulk
            ids={selection.ids}
            clear={selection.clear}
            onProcess={(replace) => setProcessing({ ids: selection.ids, replace, clear: selection.clear })}
          />
        )}
      />
      <RecordSheet
        id={open}
        record={query.data?.items.find((row) => row.id === open)}
        onClose={() => search.setOpen(undefined)}
      />
      {processing && (
        <ProcessSheet
          group={group}
          staffName={name ?? ""}
          recordIds={processing.ids}
          count={processing.ids?.length ?? total}
          replaceAtFirst={processing.replace}
          onDone={() => processing.clear?.()}
          onClose={() => setProcessing(null)}
        />
      )}
    </>
  );
}
