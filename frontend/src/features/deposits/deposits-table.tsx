import type { UseQueryResult } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Page } from "@/api/client";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { DataTable, RowMenu, useSeenRows } from "@/components/data-table";
import type { EmptyStateProps } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import type { TableSearch } from "@/lib/table-search";
import { useConflictText } from "./badges";
import { depositColumns } from "./columns";
import { type Asking, CommandDialog } from "./command-dialog";
import { COMMAND_ICONS, DANGEROUS, useActionsOf, useDeleteWithUndo } from "./commands";
import { DepositCard } from "./deposit-card";
import { DepositSheet } from "./deposit-sheet";
import type { Command, Deposit } from "./types";

/** A list of deposits, with what can be done to one or several of them. */
export function DepositsTable({
  id,
  label,
  query,
  search,
  empty,
  searchLabel,
  filters,
  actions,
  withDay = true,
  withProduct = true,
  more,
  bulk,
}: {
  id: string;
  label: string;
  query: UseQueryResult<Page<Deposit>>;
  search: TableSearch;
  empty: EmptyStateProps;
  searchLabel?: string;
  filters?: ReactNode;
  actions?: ReactNode;
  withDay?: boolean;
  withProduct?: boolean;
  more?: "conflict" | "deleted";
  /** What can be done with several rows at once. */
  bulk?: readonly Command[];
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const actionsOf = useActionsOf();
  const conflictText = useConflictText();
  const deleteWithUndo = useDeleteWithUndo();
  const manages = useCan()("deposits.manage");
  const { open, panel } = search.values;
  const shows = { withDay, withProduct, withStaff: manages, more };
  const columns = useMemo(
    () => depositColumns(t, format, { withDay, withProduct, withStaff: manages, more, conflictText }),
    [t, format, withDay, withProduct, manages, more, conflictText],
  );
  const [asking, setAsking] = useState<Asking | null>(null);

  // A selection may reach over several pages; what has been seen of it is named before it is decided.
  const seenOf = useSeenRows(query.data?.items);

  function one(command: Command, deposit: Deposit) {
    const close = () => search.setOpen(undefined);
    // Only who may bring it back can be offered a way back; the others are asked first.
    if (command === "delete" && manages) {
      deleteWithUndo(deposit);
      if (open) close();
      return;
    }
    setAsking({
      command,
      deposits: [deposit],
      onDone: command === "purge" || command === "delete" ? close : undefined,
    });
  }

  return (
    <>
      <DataTable
        id={id}
        label={label}
        columns={columns}
        query={query}
        search={search}
        getRowId={(row) => row.id}
        searchLabel={searchLabel}
        filters={filters}
        actions={actions}
        empty={empty}
        onOpen={(row) => search.setOpen(row.id)}
        isOpen={(row) => row.id === open}
        rowClassName={(row) => (row.approval_status === "declined" ? "text-muted" : undefined)}
        card={(row) => <DepositCard deposit={row} {...shows} />}
        rowActions={(row) => {
          const { commands, canEdit } = actionsOf(row);
          if (commands.length === 0 && !canEdit) return null;
          return (
            <span className="flex justify-end gap-1">
              {commands.includes("approve") && (
                <Button
                  size="sm"
                  onClick={() => one("approve", row)}
                  aria-label={t("deposits.approve_named", { customer: row.customer_id })}
                >
                  <COMMAND_ICONS.approve aria-hidden />
                  <span className="max-sm:sr-only">{t("deposits.do.approve")}</span>
                </Button>
              )}
              <RowMenu
                label={t("deposits.actions_named", { customer: row.customer_id })}
                actions={[
                  ...(canEdit
                    ? [
                        {
                          key: "edit",
                          label: t("common.edit"),
                          icon: Pencil,
                          onSelect: () => search.setOpen(row.id, "edit"),
                        },
                      ]
                    : []),
                  ...commands.map((command) => ({
                    key: command,
                    label: t(`deposits.do.${command}`),
                    icon: COMMAND_ICONS[command],
                    danger: DANGEROUS.has(command),
                    onSelect: () => one(command, row),
                  })),
                ]}
              />
            </span>
          );
        }}
        bulk={
          bulk &&
          ((selection) => {
            const deposits = seenOf(selection.ids);
            return bulk.map((command) => {
              const Icon = COMMAND_ICONS[command];
              return (
                <Button
                  key={command}
                  size="sm"
                  variant={command === "approve" ? "primary" : undefined}
                  className={DANGEROUS.has(command) ? "text-danger" : undefined}
                  onClick={() => setAsking({ command, deposits, onDone: selection.clear })}
                >
                  <Icon aria-hidden />
                  {t(`deposits.do.${command}`)}
                </Button>
              );
            });
          })
        }
      />
      {open && (
        <DepositSheet
          key={open}
          id={open}
          editing={panel === "edit"}
          onEdit={(editing) => search.setPanel(editing ? "edit" : undefined)}
          onClose={() => search.setOpen(undefined)}
          onCommand={one}
        />
      )}
      {asking && <CommandDialog asking={asking} onClose={() => setAsking(null)} />}
    </>
  );
}
