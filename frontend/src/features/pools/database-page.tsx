import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ArchiveRestore, Pencil, Send, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { ErrorState, StaleNote, toast } from "@/components/feedback";
import { PageHeader, RouteNotFound } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useTableSearch } from "@/lib/table-search";
import { ActivityTab } from "./activity-tab";
import { databaseOptions, useRestoreDatabase } from "./api";
import { AssignSheet } from "./assign-sheet";
import { CountTiles } from "./count-tiles";
import { DeleteDatabaseDialog, EditDatabaseSheet } from "./database-sheets";
import type { Pool } from "./descriptors";
import { HandOverSheet } from "./hand-over-sheet";
import { QualityTab } from "./quality-tab";
import type { Picked } from "./record-bulk";
import { RecordsTable } from "./records-table";
import type { DatabaseSearch } from "./search";
import type { PoolDatabaseDetail } from "./types";

/** One database: its counts, its records, and what can be done with them (spec 6.2). */
export function DatabasePage({
  pool,
  id,
  requests: Requests,
}: {
  pool: Pool;
  id: string;
  /** The list of its requests, in modules that have such. */
  requests?: (props: { databaseId: string; autoApprove: boolean | null | undefined }) => ReactNode;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const can = useCan();
  const search = useTableSearch<DatabaseSearch>();
  const query = useQuery(databaseOptions(pool.module, id));
  const [deleting, setDeleting] = useState(false);
  const [picked, setPicked] = useState<Picked | null>(null);
  const database = query.data;
  const OfRequests = can("requests.review") ? Requests : undefined;
  const { panel } = search.values;
  const tab = search.values.tab === "requests" && !OfRequests ? "records" : (search.values.tab ?? "records");
  const closePanel = () => {
    search.setPanel(undefined);
    setPicked(null);
  };

  if (query.isError && !database) {
    if (isProblem(query.error) && query.error.status === 404) return <RouteNotFound />;
    return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  }
  const records = (
    <RecordsTable
      pool={pool}
      id={id}
      database={database}
      search={search}
      onAssign={(selection) => {
        setPicked(selection);
        search.setPanel("assign");
      }}
      onHandOver={(selection) => {
        setPicked(selection);
        search.setPanel("hand-over");
      }}
    />
  );
  return (
    <>
      <PageHeader
        back={{ to: pool.path, label: t(pool.title) }}
        title={database?.name ?? <Skeleton className="h-7 w-56" />}
        documentTitle={t(pool.title)}
        description={
          database ? (
            <p className="break-words">
              {database.product_name} · {database.filename} ·{" "}
              {t("pools.uploaded_by", {
                date: format.dateTime(database.uploaded_at),
                name: database.uploaded_by_name,
              })}
            </p>
          ) : (
            <Skeleton className="my-1 h-3.5 w-80 max-w-full" />
          )
        }
        actions={
          database && (
            <DatabaseActions
              pool={pool}
              database={database}
              onAssign={() => {
                setPicked(null);
                search.setPanel("assign");
              }}
              onEdit={() => search.setPanel("edit")}
              onDelete={() => setDeleting(true)}
            />
          )
        }
      />
      {query.isError && <StaleNote error={query.error} onRetry={() => query.refetch()} />}
      {database?.deleted_at && (
        <p role="status" className="mb-4 rounded-md bg-warning-soft px-3 py-2 text-sm text-warning">
          {t("pools.in_trash")}
        </p>
      )}
      <CountTiles
        pool={pool}
        database={database}
        status={tab === "records" ? (search.values.status ?? "all") : undefined}
        onStatus={(status) => search.set({ status, tab: undefined, request_status: undefined })}
      />
      <Tabs
        value={tab}
        onValueChange={(next) =>
          void navigate({ to: ".", search: (next === "records" ? {} : { tab: next }) as never })
        }
      >
        <TabsList className="mb-4" aria-label={t("pools.views")}>
          <TabsTrigger value="records">{t("pools.records")}</TabsTrigger>
          {OfRequests && <TabsTrigger value="requests">{t("nav.requests")}</TabsTrigger>}
          <TabsTrigger value="quality">{t("pools.quality.title")}</TabsTrigger>
          <TabsTrigger value="activity">{t("pools.activity.title")}</TabsTrigger>
        </TabsList>
        <TabsContent value="records">{records}</TabsContent>
        {OfRequests && (
          <TabsContent value="requests">
            <OfRequests databaseId={id} autoApprove={database && (database.auto_approve ?? null)} />
          </TabsContent>
        )}
        <TabsContent value="quality">
          <QualityTab pool={pool} id={id} search={search} />
        </TabsContent>
        <TabsContent value="activity">
          <ActivityTab pool={pool} id={id} search={search} />
        </TabsContent>
      </Tabs>
      {database && panel === "assign" && (
        <AssignSheet pool={pool} database={database} picked={picked} onClose={closePanel} />
      )}
      {database && panel === "hand-over" && picked && (
        <HandOverSheet pool={pool} database={database} picked={picked} onClose={closePanel} />
      )}
      {database && panel === "edit" && (
        <EditDatabaseSheet pool={pool} database={database} onClose={closePanel} />
      )}
      {database && (
        <DeleteDatabaseDialog
          pool={pool}
          database={database}
          open={deleting}
          onOpenChange={setDeleting}
          onDeleted={() => void navigate({ to: pool.path })}
        />
      )}
    </>
  );
}

function DatabaseActions({
  pool,
  database,
  onAssign,
  onEdit,
  onDelete,
}: {
  pool: Pool;
  database: PoolDatabaseDetail;
  onAssign: () => void;
  onEdit: () => void;
  onDelete: () => void;
}) {
  const { t } = useTranslation();
  const can = useCan();
  const restore = useRestoreDatabase(pool.module);
  if (database.deleted_at) {
    return can("databases.manage") ? (
      <Button
        variant="primary"
        busy={restore.isPending}
        onClick={() =>
          restore.mutate(database.id, {
            onSuccess: () => toast.success(t("pools.restored_database", { name: database.name })),
          })
        }
      >
        <ArchiveRestore aria-hidden />
        {t("pools.restore")}
      </Button>
    ) : null;
  }
  return (
    <>
      {can("databases.manage") && (
        <>
          <Button onClick={onDelete} className="text-danger">
            <Trash2 aria-hidden />
            {t("pools.delete.open")}
          </Button>
          <Button onClick={onEdit}>
            <Pencil aria-hidden />
            {t("common.edit")}
          </Button>
        </>
      )}
      {can("records.assign") && (
        <Button variant="primary" onClick={onAssign}>
          <Send aria-hidden />
          {t("pools.assign.open")}
        </Button>
      )}
    </>
  );
}
