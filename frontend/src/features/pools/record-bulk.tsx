import { ArchiveRestore, ArrowRightLeft, Send, Trash2, Undo2 } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { newIdempotencyKey } from "@/api/client";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { ConfirmDialog, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { useRecall, useRestoreRecords, useTrashRecords } from "./api";
import type { Pool } from "./descriptors";
import { RestoreArchived } from "./restore-archived";
import type { PoolRecord, RecordStatus } from "./types";
import { useUndoToast } from "./use-undo-toast";

/** Selected rows: all ids, and those among them of which the row has been seen. */
export type Picked = { ids: string[]; rows: PoolRecord[]; clear: () => void };

/** How many of the selected rows are in a state; rows that were never on screen might be in any. */
function possible(picked: Picked, ...states: RecordStatus[]): boolean {
  return picked.rows.length < picked.ids.length || picked.rows.some((row) => states.includes(row.status));
}

/** What can be done with selected records: hand out, take back, throw away, restore (spec 2.1). */
export function RecordBulk({
  pool,
  picked,
  trash,
  onAssign,
  onHandOver,
}: {
  pool: Pool;
  picked: Picked;
  trash: boolean;
  onAssign: () => void;
  onHandOver: () => void;
}) {
  const { t } = useTranslation();
  const can = useCan();
  const [asking, setAsking] = useState<"recall" | "trash" | null>(null);
  const restore = useRestoreRecords(pool.module);

  if (trash) {
    return can("databases.manage") ? (
      <Button
        size="sm"
        variant="primary"
        busy={restore.isPending}
        onClick={() =>
          restore.mutate(picked.ids, {
            onSuccess: ({ restored_count }) => {
              toast.success(t("pools.records_restored", { count: restored_count }));
              picked.clear();
            },
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
      {can("records.assign") && (
        <Button
          size="sm"
          variant="primary"
          disabled={!possible(picked, "available", "reserved")}
          onClick={onAssign}
        >
          <Send aria-hidden />
          {t("pools.assign.open")}
        </Button>
      )}
      {can("records.assign") && (
        <Button size="sm" disabled={!possible(picked, "assigned")} onClick={onHandOver}>
          <ArrowRightLeft aria-hidden />
          {t("pools.hand_over.open")}
        </Button>
      )}
      {can("records.recall") && (
        <Button size="sm" disabled={!possible(picked, "assigned")} onClick={() => setAsking("recall")}>
          <Undo2 aria-hidden />
          {t("pools.recall.open")}
        </Button>
      )}
      {can("validation.manage") && possible(picked, "invalid_archived") && (
        <RestoreArchived ids={picked.ids} clear={picked.clear} />
      )}
      {can("databases.manage") && (
        <Button size="sm" className="text-danger" onClick={() => setAsking("trash")}>
          <Trash2 aria-hidden />
          {t("pools.trash.open")}
        </Button>
      )}
      {asking === "recall" && <RecallDialog pool={pool} picked={picked} onClose={() => setAsking(null)} />}
      {asking === "trash" && <TrashDialog pool={pool} picked={picked} onClose={() => setAsking(null)} />}
    </>
  );
}

function RecallDialog({ pool, picked, onClose }: { pool: Pool; picked: Picked; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const recall = useRecall(pool.module);
  const undoable = useUndoToast();
  const [key] = useState(newIdempotencyKey);
  const [count] = useState(picked.ids.length);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("pools.recall.title", { count, formatted: format.number(count) })}
      consequence={t("pools.recall.consequence")}
      confirmLabel={t("pools.recall.confirm", { count, formatted: format.number(count) })}
      danger={false}
      busy={recall.isPending}
      error={recall.error}
      onConfirm={() =>
        recall.mutate(
          { recordIds: picked.ids, key },
          {
            onSuccess: ({ operation_id, recalled_count }) => {
              undoable(
                t("pools.recall.done", { count: recalled_count, formatted: format.number(recalled_count) }),
                operation_id,
              );
              onClose();
              picked.clear();
            },
          },
        )
      }
    />
  );
}

function TrashDialog({ pool, picked, onClose }: { pool: Pool; picked: Picked; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const checkboxId = useId();
  const trash = useTrashRecords(pool.module);
  const undoable = useUndoToast();
  const [force, setForce] = useState(false);
  const [count] = useState(picked.ids.length);
  const assigned = picked.rows.filter((row) => row.status === "assigned").length;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("pools.trash.title", { count, formatted: format.number(count) })}
      consequence={
        <>
          <p>{t("pools.trash.consequence")}</p>
          {assigned > 0 && (
            <p>{t("pools.trash.assigned", { count: assigned, formatted: format.number(assigned) })}</p>
          )}
        </>
      }
      confirmLabel={t("pools.trash.confirm", { count, formatted: format.number(count) })}
      busy={trash.isPending}
      error={trash.error}
      onConfirm={() =>
        trash.mutate(
          { recordIds: picked.ids, force },
          {
            onSuccess: ({ operation_id, deleted_count }) => {
              undoable(
                t("pools.trash.done", { count: deleted_count, formatted: format.number(deleted_count) }),
                operation_id,
              );
              onClose();
              picked.clear();
            },
          },
        )
      }
    >
      {possible(picked, "assigned") && (
        <div className="flex items-center gap-2 text-sm">
          <Checkbox
            id={checkboxId}
            checked={force}
            onCheckedChange={(checked) => setForce(checked === true)}
          />
          <label htmlFor={checkboxId}>{t("pools.trash.force")}</label>
        </div>
      )}
    </ConfirmDialog>
  );
}
