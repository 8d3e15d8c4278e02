import { useState } from "react";
import { useTranslation } from "react-i18next";
import { newIdempotencyKey } from "@/api/client";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, toast, undoToast } from "@/components/feedback";
import { knownText } from "@/lib/code-text";
import { useSettle, useUndoSettled } from "./api";
import type { Conflict, SettleAction } from "./types";

export type Settling = { action: SettleAction; conflicts: Conflict[]; onDone?: () => void };

/** Gives records in conflict to the owners of their customers, or takes them back; both can be undone (spec 3.2). */
export function SettleDialog({ action, conflicts, onDone, onClose }: Settling & { onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const settle = useSettle();
  const undo = useUndoSettled(({ undone, skipped }) => {
    if (skipped > 0) toast.warning(t("pools.undone_partly", { count: undone, skipped }));
    else toast.success(t("pools.undone", { count: undone }));
  });
  const [key] = useState(newIdempotencyKey);
  const [count] = useState(conflicts.length);
  const formatted = format.number(count);
  const isHanding = action === "hand_to_owner";
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={
        isHanding
          ? t("reservations.settle.title_hand", { count, formatted })
          : t("reservations.settle.title_recall", { count, formatted })
      }
      consequence={
        isHanding ? t("reservations.settle.consequence_hand") : t("reservations.settle.consequence_recall")
      }
      confirmLabel={isHanding ? t("reservations.settle.hand") : t("reservations.settle.recall")}
      danger={false}
      busy={settle.isPending}
      error={settle.error}
      onConfirm={() =>
        settle.mutate(
          { action, record_ids: conflicts.map((conflict) => conflict.record_id), key },
          {
            onSuccess: ({ settled_count, operation_ids, skipped }) => {
              const done = t("reservations.settle.done", {
                count: settled_count,
                formatted: format.number(settled_count),
              });
              // One reason is enough to know what to do next; they are the same for all records of an owner.
              const [first] = skipped;
              const why =
                first &&
                t("reservations.settle.skipped", {
                  count: skipped.length,
                  formatted: format.number(skipped.length),
                  reason:
                    knownText(i18n, `reservations.settle.why.${first.reason}`) ??
                    t("reservations.settle.why.other"),
                });
              if (operation_ids.length > 0) {
                undoToast(done, t("common.undo"), () => undo.mutate(operation_ids), why);
              } else toast.warning(why ?? done);
              onDone?.();
              onClose();
            },
          },
        )
      }
    />
  );
}
