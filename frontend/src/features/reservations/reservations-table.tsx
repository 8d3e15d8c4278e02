import { useQuery } from "@tanstack/react-query";
import { ArrowRightLeft, Check } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { DataTable, RowMenu, useSeenRows } from "@/components/data-table";
import { Button } from "@/components/ui/button";
import { ExportButton } from "@/features/exports";
import type { TableSearch } from "@/lib/table-search";
import { reservationsOptions } from "./api";
import { ReservationFilters } from "./choices";
import { reservationColumns } from "./columns";
import { type Asking, CommandDialog } from "./command-dialog";
import { COMMAND_ICONS, DANGEROUS, useActionsOf } from "./commands";
import { ReservationSheet } from "./detail-sheet";
import { MoveSheet } from "./move-sheet";
import { ReservationCard } from "./reservation-card";
import type { List, ReservationsSearch } from "./search";
import type { BulkCommand, Command, Reservation } from "./types";

/** What can be done with several rows of a list at once. */
const BULK: Partial<Record<List, readonly BulkCommand[]>> = {
  pending: ["approve", "reject"],
  approved: ["extend", "release"],
};

/** One list of reservations, with what can be done to one or several of them. */
export function ReservationsTable({
  list,
  search,
  add,
}: {
  list: List;
  search: TableSearch<ReservationsSearch>;
  /** The next sensible step where the list is empty. */
  add?: ReactNode;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const actionsOf = useActionsOf();
  const manages = useCan()("reservations.manage");
  const { open, product_id, staff_id } = search.values;
  const query = useQuery(reservationsOptions(list, search.values, { product_id, staff_id }));
  const columns = useMemo(
    () => reservationColumns(t, format, { list, withStaff: manages }),
    [t, format, list, manages],
  );
  const [asking, setAsking] = useState<Asking | null>(null);
  const [moving, setMoving] = useState<Reservation | null>(null);

  // A selection may reach over several pages; what has been seen of it is named before it is decided.
  const seenOf = useSeenRows(query.data?.items);

  const one = (command: Command, reservation: Reservation) =>
    setAsking({
      command,
      reservations: [reservation],
      onDone: command === "purge" ? () => search.setOpen(undefined) : undefined,
    });
  const bulk = manages ? BULK[list] : undefined;

  return (
    <>
      <DataTable
        id={`reservations-${list}`}
        label={t(`reservations.lists.${list}`)}
        columns={columns}
        query={query}
        search={search}
        getRowId={(row) => row.id}
        searchLabel={t("reservations.search")}
        filters={<ReservationFilters search={search} />}
        actions={
          <ExportButton
            kind="reserved-members"
            filters={{ product_id, staff_id, q: search.values.q }}
            fixed={list === "archive" ? { archived: true } : { status: list }}
          />
        }
        empty={{
          title: t(`reservations.empty.${list}`),
          action: list === "pending" || list === "approved" ? add : undefined,
        }}
        onOpen={(row) => search.setOpen(row.id)}
        isOpen={(row) => row.id === open}
        card={(row) => <ReservationCard reservation={row} withStaff={manages} />}
        rowActions={(row) => {
          const { commands, canMove } = actionsOf(row);
          if (commands.length === 0 && !canMove) return null;
          return (
            <span className="flex justify-end gap-1">
              {commands.includes("approve") && (
                <Button
                  size="sm"
                  onClick={() => one("approve", row)}
                  aria-label={t("reservations.approve_named", { customer: row.customer_id })}
                >
                  <Check aria-hidden />
                  <span className="max-sm:sr-only">{t("reservations.do.approve")}</span>
                </Button>
              )}
              <RowMenu
                label={t("reservations.actions_named", { customer: row.customer_id })}
                actions={[
                  ...(canMove
                    ? [
                        {
                          key: "move",
                          label: t("reservations.move.open"),
                          icon: ArrowRightLeft,
                          onSelect: () => setMoving(row),
                        },
                      ]
                    : []),
                  ...commands.map((command) => ({
                    key: command,
                    label: t(`reservations.do.${command}`),
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
            const reservations = seenOf(selection.ids);
            return bulk.map((command) => {
              const Icon = COMMAND_ICONS[command];
              return (
                <Button
                  key={command}
                  size="sm"
                  variant={command === "approve" ? "primary" : undefined}
                  className={DANGEROUS.has(command) ? "text-danger" : undefined}
                  onClick={() => setAsking({ command, reservations, onDone: selection.clear })}
                >
                  <Icon aria-hidden />
                  {t(`reservations.do.${command}`)}
                </Button>
              );
            });
          })
        }
      />
      {open && (
        <ReservationSheet
          key={open}
          id={open}
          onClose={() => search.setOpen(undefined)}
          onCommand={one}
          onMove={setMoving}
        />
      )}
      {asking && <CommandDialog asking={asking} onClose={() => setAsking(null)} />}
      {moving && <MoveSheet reservation={moving} onClose={() => setMoving(null)} />}
    </>
  );
}
