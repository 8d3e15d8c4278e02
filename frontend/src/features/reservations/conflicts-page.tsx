import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { CircleCheck, Forward, TriangleAlert, Undo2 } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { columnHelper, DataTable, FilterSelect, RowMenu } from "@/components/data-table";
import { StatusBadge } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useTableSearch } from "@/lib/table-search";
import { conflictsOptions } from "./api";
import { ReservationFilters } from "./choices";
import { DuplicateGroups } from "./duplicates";
import type { ConflictsSearch } from "./search";
import { SettleDialog, type Settling } from "./settle-dialog";
import type { Conflict, SettleAction } from "./types";

const ACTIONS = [
  { action: "hand_to_owner", icon: Forward },
  { action: "recall", icon: Undo2 },
] as const;

/** Records somebody holds whose customers are somebody else's, and reservations that look like one customer. */
export function ConflictsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const tab = useTableSearch<ConflictsSearch>().values.tab ?? "conflicts";
  return (
    <>
      <PageHeader
        title={t("reservations.conflicts.title")}
        description={t("reservations.conflicts.description")}
        back={{ to: "/reserved", label: t("reservations.title") }}
      />
      <Tabs
        value={tab}
        onValueChange={(next) =>
          void navigate({ to: "/reserved/conflicts", search: next === "duplicates" ? { tab: next } : {} })
        }
      >
        <TabsList className="mb-4" aria-label={t("reservations.conflicts.title")}>
          <TabsTrigger value="conflicts">{t("reservations.conflicts.log")}</TabsTrigger>
          <TabsTrigger value="duplicates">{t("reservations.duplicates.title")}</TabsTrigger>
        </TabsList>
        <TabsContent value={tab}>{tab === "duplicates" ? <DuplicateGroups /> : <ConflictLog />}</TabsContent>
      </Tabs>
    </>
  );
}

function ConflictLog() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = useTableSearch<ConflictsSearch>();
  const query = useQuery(conflictsOptions(search.values));
  const columns = useMemo(() => conflictColumns(t, format), [t, format]);
  const { show } = search.values;
  const [settling, setSettling] = useState<Settling | null>(null);
  const label = (action: SettleAction) =>
    action === "recall" ? t("reservations.settle.recall") : t("reservations.settle.hand");
  return (
    <>
      {settling && <SettleDialog {...settling} onClose={() => setSettling(null)} />}
      <DataTable
        id="reservation-conflicts"
        label={t("reservations.conflicts.log")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(row) => row.id}
        filters={
          <>
            <FilterSelect
              label={t("reservations.state")}
              value={show}
              onChange={(value) => search.set({ show: value as ConflictsSearch["show"] })}
              all={t("reservations.conflicts.only_open")}
              options={[{ value: "all", label: t("reservations.conflicts.all") }]}
            />
            <ReservationFilters search={search} />
          </>
        }
        canSelect={(row) => row.is_open}
        bulk={({ ids, rows, clear }) => {
          // A selection may reach over pages: what was seen of it can be settled.
          const chosen = rows.filter((row) => ids.includes(row.id) && row.is_open);
          return (
            <>
              {ACTIONS.map(({ action, icon: Icon }) => (
                <Button
                  key={action}
                  size="sm"
                  disabled={chosen.length === 0}
                  onClick={() => setSettling({ action, conflicts: chosen, onDone: clear })}
                >
                  <Icon aria-hidden />
                  {label(action)}
                </Button>
              ))}
            </>
          );
        }}
        rowActions={(row) =>
          row.is_open ? (
            <RowMenu
              label={t("reservations.actions_named", { customer: row.customer_id })}
              actions={ACTIONS.map(({ action, icon }) => ({
                key: action,
                label: label(action),
                icon,
                onSelect: () => setSettling({ action, conflicts: [row] }),
              }))}
            />
          ) : null
        }
        empty={{
          icon: CircleCheck,
          title: show === "all" ? t("reservations.conflicts.never") : t("reservations.conflicts.empty"),
          description: t("reservations.conflicts.empty_hint"),
        }}
      />
    </>
  );
}

function conflictColumns(t: TFunction, format: ReturnType<typeof useFormat>) {
  const column = columnHelper<Conflict>();
  const moment = (iso: string) => (
    <time dateTime={iso} title={format.dateTime(iso)} className="whitespace-nowrap">
      {format.relative(iso)}
    </time>
  );
  return [
    column("customer", {
      label: t("reservations.customer"),
      card: "title",
      hideable: false,
      className: "min-w-36",
      cell: (row) => <span className="break-words font-medium">{row.customer_id}</span>,
    }),
    column("state", {
      label: t("reservations.state"),
      cell: (row) =>
        row.is_open ? (
          <StatusBadge icon={TriangleAlert} tone="warning" label={t("reservations.conflicts.open")} />
        ) : (
          <StatusBadge icon={CircleCheck} tone="neutral" label={t("reservations.conflicts.ended")} />
        ),
    }),
    column("holder", {
      label: t("reservations.conflicts.holder"),
      cell: (row) => <span className="break-words">{row.staff_name}</span>,
    }),
    column("owner", {
      label: t("reservations.conflicts.owner"),
      cell: (row) => <span className="break-words">{row.reserved_by_name}</span>,
    }),
    column("database", {
      label: t("reservations.conflicts.database"),
      className: "min-w-40",
      cell: (row) => (
        <span className="grid">
          <span className="break-words">{row.database_name}</span>
          <span className="break-words text-muted text-xs">{row.product_name}</span>
        </span>
      ),
    }),
    column("began_at", { label: t("reservations.conflicts.began"), cell: (row) => moment(row.began_at) }),
    column("ended_at", {
      label: t("reservations.ended"),
      cell: (row) => (row.ended_at ? moment(row.ended_at) : <span className="text-muted">–</span>),
    }),
  ];
}
