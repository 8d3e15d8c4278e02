import { usePrefetchQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Send, UsersRound } from "lucide-react";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { reasonCodesOptions } from "@/api/choices";
import { useFormat } from "@/api/server-time";
import { can, mayOpen, useMe } from "@/api/session";
import { DataTable } from "@/components/data-table";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { POOLS } from "@/features/pools";
import { RequestSheet } from "@/features/requests";
import { useTableSearch } from "@/lib/table-search";
import { useMedia } from "@/lib/use-media";
import { myRecordsOptions } from "./api";
import { BulkMarks } from "./bulk-marks";
import { myColumns, otherFields } from "./columns";
import { ConflictPanel } from "./conflict-panel";
import { CustomerCard } from "./customer-card";
import { CustomerSheet, NOTE_PANEL } from "./customer-sheet";
import { GroupHead } from "./group-head";
import { GroupList, keyOf, useGroup } from "./group-list";
import { MarkFilters } from "./mark-filters";
import { actionOf } from "./mark-keys";
import { MarkLegend } from "./mark-legend";
import { RefreshButton } from "./refresh-button";
import { SaveState } from "./save-state";
import { type CustomersSearch, stillMatches } from "./search";
import { useSteadyPage } from "./steady";
import type { HeldRecord } from "./types";
import { useAct } from "./use-act";
import { useMarked, useMarkQueue, useOnReplaced, usePicked } from "./use-marks";

const REQUEST_PANEL = "request";
/** So many rows before the end of a page the next one is read, so that going on needs no waiting. */
const NEAR_END = 8;

function rowLook({
  leaving,
  arriving,
  faded,
}: Record<"leaving" | "arriving" | "faded", boolean>): string | undefined {
  if (leaving) return "translate-x-4 opacity-0 transition-all duration-150";
  if (arriving) return "animate-arrive";
  return faded ? "bg-surface-2 text-muted grayscale" : undefined;
}

/** The desk of one staff: what they hold in all modules, marked by key or thumb without waiting (spec 6.2). */
export function MyCustomers() {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  // Narrower than this the marks would be beyond the edge of a table.
  const isNarrow = useMedia("(max-width: 1023px)");
  const search = useTableSearch<CustomersSearch>();
  const { queue, state } = useMarkQueue();
  const { group: groupKey, open, panel } = search.values;

  const options = myRecordsOptions(search.values);
  const loaded = useQuery(options);
  const steady = useSteadyPage(loaded, JSON.stringify(options.queryKey), state.replaced);
  const query = useMarked(steady.query, state);
  const rows = query.data?.items;
  const picked = usePicked(rows);
  // Read before they are needed: "I" and the number of a reason are pressed in one go.
  usePrefetchQuery(reasonCodesOptions);
  const group = useGroup(groupKey);
  useOnReplaced(
    state,
    useCallback(() => void client.invalidateQueries({ queryKey: ["customers"] }), [client]),
  );

  const me = useMe();
  const mayRequest = can(me, "requests.make") && mayOpen(me, "requests");
  const next = query.data?.nextCursor;
  const fetchNext = () => {
    if (next) void client.prefetchQuery(myRecordsOptions({ ...search.values, cursor: next }));
  };
  const openNote = useCallback((record: HeldRecord) => search.setOpen(record.id, NOTE_PANEL), [search]);
  const request = useCallback(() => search.setPanel(REQUEST_PANEL), [search]);
  const { act, dialog } = useAct(queue, { onNote: openNote, onRequest: mayRequest ? request : undefined });

  const fresh = useMemo(() => new Set([...state.replaced.values()].map((row) => row.id)), [state.replaced]);
  const isFresh = useCallback((id: string) => fresh.has(id), [fresh]);
  const isFaded = (record: HeldRecord) =>
    steady.gone.has(record.id) || !stillMatches(record, search.values, state);
  const faded = rows?.filter(isFaded).length ?? 0;

  const names = (groupKey && rows ? otherFields(rows) : []).join("\n");
  const columns = useMemo(
    () => myColumns(t, format, names === "" ? [] : names.split("\n"), act, isFresh),
    [t, format, names, act, isFresh],
  );

  return (
    <>
      <PageHeader
        title={t("customers.mine.title")}
        description={t("customers.mine.description")}
        actions={
          <>
            <SaveState queue={queue} state={state} />
            {mayRequest && (
              <Button onClick={request}>
                <Send aria-hidden />
                {t("customers.request_more")}
              </Button>
            )}
          </>
        }
      />
      <div className="grid items-start gap-4 xl:grid-cols-[15.5rem_minmax(0,1fr)]">
        <GroupList chosen={groupKey} />
        <div className="min-w-0">
          {group && <GroupHead key={keyOf(group)} group={group} />}
          <DataTable
            id="my-customers"
            label={t("customers.mine.title")}
            columns={columns}
            query={query}
            search={search}
            getRowId={(record) => record.id}
            searchLabel={t("customers.search")}
            stickyFilters
            cards={isNarrow}
            filters={<MarkFilters search={search} />}
            actions={<RefreshButton isOld={faded > 0 || steady.unseen > 0} onRefresh={steady.refresh} />}
            empty={{
              icon: UsersRound,
              title: t("customers.mine.empty"),
              description: t("customers.mine.empty_hint"),
              action: mayRequest && <Button onClick={request}>{t("customers.request_more")}</Button>,
            }}
            onOpen={(record) => search.setOpen(record.id)}
            isOpen={(record) => record.id === open}
            onRowKey={(event, record) => {
              if (rows && rows.indexOf(record) >= rows.length - NEAR_END) fetchNext();
              const action = actionOf(event);
              if (action) act(record, action);
              return action !== null;
            }}
            rowClassName={(record) =>
              rowLook({
                leaving: state.leaving.has(record.id),
                arriving: fresh.has(record.id),
                faded: isFaded(record),
              })
            }
            bulk={(selection) => (
              <BulkMarks
                count={selection.ids.length}
                onMark={(values) => {
                  for (const row of picked(selection.ids)) queue.mark(row, values);
                  selection.clear();
                }}
                onVerdict={(verdict) => {
                  for (const row of picked(selection.ids)) queue.judge(row, verdict);
                  selection.clear();
                }}
              />
            )}
            card={(record) => (
              <CustomerCard
                record={record}
                act={act}
                detail={groupKey ? undefined : record.database_name}
                isFresh={fresh.has(record.id)}
              />
            )}
          />
          <MarkLegend canRequest={mayRequest} />
        </div>
      </div>
      <CustomerSheet
        id={open}
        record={rows?.find((record) => record.id === open)}
        rows={rows ?? []}
        startWithNote={panel === NOTE_PANEL}
        act={act}
        onOpen={search.setOpen}
        onClose={() => search.setOpen(undefined)}
      />
      {dialog}
      <RequestSheet
        open={mayRequest && panel === REQUEST_PANEL}
        onClose={() => search.setPanel(undefined)}
        databaseId={group && POOLS[group.module].requests ? group.database_id : undefined}
      />
      <ConflictPanel
        queue={queue}
        state={state}
        nameOf={(id) => rows?.find((record) => record.id === id)?.customer_id}
      />
    </>
  );
}
