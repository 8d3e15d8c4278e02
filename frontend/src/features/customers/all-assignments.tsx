import { useQuery } from "@tanstack/react-query";
import { UsersRound } from "lucide-react";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { reasonCodesOptions, staffChoicesOptions } from "@/api/choices";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { DataTable, FilterSelect } from "@/components/data-table";
import { toast } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { ExportButton } from "@/features/exports";
import { MODULES, POOLS } from "@/features/pools";
import { useReasonName } from "@/lib/reason-name";
import { useTableSearch } from "@/lib/table-search";
import { assignmentFilter, assignmentsOptions, useBulkMarks, useBulkVerdict } from "./api";
import { BulkMarks } from "./bulk-marks";
import { assignmentColumns } from "./columns";
import { ConflictPanel } from "./conflict-panel";
import { CustomerCard } from "./customer-card";
import { CustomerSheet, NOTE_PANEL } from "./customer-sheet";
import { MarkFilters } from "./mark-filters";
import { tell } from "./mark-notices";
import type { MarkValues } from "./marked";
import { RefreshButton } from "./refresh-button";
import { SaveState } from "./save-state";
import type { CustomersSearch } from "./search";
import { useSteadyPage } from "./steady";
import type { HeldRecord, Verdict } from "./types";
import { useAct } from "./use-act";
import { useMarked, useMarkQueue } from "./use-marks";

/** Every record that somebody holds, whatever the module: what came of it, and who may correct it (spec 6.1). */
export function AllAssignments() {
  const { t } = useTranslation();
  const format = useFormat();
  const editable = useCan()("contacts.manage");
  const search = useTableSearch<CustomersSearch>();
  const { queue, state } = useMarkQueue();
  const options = assignmentsOptions(search.values);
  const steady = useSteadyPage(useQuery(options), JSON.stringify(options.queryKey), state.replaced);
  const query = useMarked(steady.query, state);
  const rows = query.data?.items ?? NO_ROWS;
  const { open, panel } = search.values;
  const openNote = useCallback((record: HeldRecord) => search.setOpen(record.id, NOTE_PANEL), [search]);
  const { act, dialog } = useAct(queue, { onNote: openNote });
  const columns = useMemo(() => assignmentColumns(t, format, act, editable), [t, format, act, editable]);
  const bulk = useBulk();

  return (
    <>
      <PageHeader
        title={t("customers.everybody.title")}
        description={t("customers.everybody.description")}
        actions={editable && <SaveState queue={queue} state={state} />}
      />
      <DataTable
        id="assignments"
        label={t("customers.everybody.title")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(record) => record.id}
        searchLabel={t("customers.search")}
        filters={<AssignmentFilters />}
        actions={
          <>
            <RefreshButton isOld={steady.gone.size > 0 || steady.unseen > 0} onRefresh={steady.refresh} />
            <ExportButton kind="assignments" filters={assignmentFilter(search.values)} />
          </>
        }
        empty={{
          icon: UsersRound,
          title: t("customers.everybody.empty"),
          description: t("customers.everybody.empty_hint"),
        }}
        onOpen={(record) => search.setOpen(record.id)}
        isOpen={(record) => record.id === open}
        card={(record) => (
          <CustomerCard
            record={record}
            act={act}
            detail={[record.assigned_to_name, record.database_name].filter(Boolean).join(" · ")}
            disabled={!editable}
          />
        )}
        rowClassName={(record) =>
          steady.gone.has(record.id) ? "bg-surface-2 text-muted grayscale" : undefined
        }
        bulk={
          editable
            ? ({ ids, clear }) => (
                <BulkMarks
                  count={ids.length}
                  onMark={(values) => bulk.mark(ids, values, clear)}
                  onVerdict={(verdict) => bulk.judge(ids, verdict, clear)}
                />
              )
            : undefined
        }
      />
      <CustomerSheet
        id={open}
        record={rows.find((record) => record.id === open)}
        rows={rows}
        startWithNote={panel === NOTE_PANEL}
        act={act}
        readOnly={!editable}
        onOpen={search.setOpen}
        onClose={() => search.setOpen(undefined)}
      />
      {dialog}
      <ConflictPanel
        queue={queue}
        state={state}
        nameOf={(id) => rows.find((record) => record.id === id)?.customer_id}
      />
    </>
  );
}

const NO_ROWS: HeldRecord[] = [];

function useBulk() {
  const { t } = useTranslation();
  const marks = useBulkMarks();
  const verdicts = useBulkVerdict();
  const said = (count: number, clear: () => void) => {
    toast.success(t("customers.bulk_done", { count }));
    clear();
  };
  return {
    mark: (recordIds: string[], values: MarkValues, clear: () => void) =>
      marks.mutate({ recordIds, values }, { onSuccess: (count) => said(count, clear) }),
    judge: (recordIds: string[], verdict: Verdict, clear: () => void) =>
      verdicts.mutate(
        { recordIds, verdict },
        {
          onSuccess: (answers) => {
            said(
              answers.reduce((sum, answer) => sum + answer.updated_count, 0),
              clear,
            );
            for (const answer of answers) tell({ kind: "judged", answer });
          },
        },
      ),
  };
}

function AssignmentFilters() {
  const { t } = useTranslation();
  const search = useTableSearch<CustomersSearch>();
  const staff = useQuery(staffChoicesOptions);
  const reasons = useQuery(reasonCodesOptions);
  const reasonName = useReasonName();
  const { staff_id, module, validation, reason } = search.values;
  return (
    <>
      <FilterSelect
        label={t("customers.holder")}
        value={staff_id}
        onChange={(value) => search.set({ staff_id: value })}
        all={t("customers.everybody.all_staff")}
        options={(staff.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      />
      <FilterSelect
        label={t("customers.module")}
        value={module}
        onChange={(value) => search.set({ module: value as CustomersSearch["module"] })}
        all={t("customers.everybody.all_modules")}
        options={MODULES.map((name) => ({ value: name, label: t(POOLS[name].title) }))}
      />
      <MarkFilters search={search} />
      {(validation === "invalid" || reason) && (
        <FilterSelect
          label={t("customers.reason_title")}
          value={reason}
          onChange={(value) => search.set({ reason: value })}
          all={t("customers.all_reasons")}
          options={(reasons.data ?? []).map(({ code }) => ({ value: code, label: reasonName(code) }))}
        />
      )}
    </>
  );
}
