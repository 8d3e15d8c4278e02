import { Check, type LucideIcon, RotateCcw, Trash2, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useCan, useMe } from "@/api/session";
import { toast, undoToast } from "@/components/feedback";
import { useCommandAtOnce } from "./api";
import type { Command, Deposit } from "./types";

export const COMMAND_ICONS: Record<Command, LucideIcon> = {
  approve: Check,
  decline: X,
  delete: Trash2,
  restore: RotateCcw,
  purge: Trash2,
};

/** Those that take something away. */
export const DANGEROUS: ReadonlySet<Command> = new Set(["decline", "delete", "purge"]);

export type Actions = { commands: Command[]; canEdit: boolean };

/** What the reader may do with a deposit now (spec 4.2). */
export function useActionsOf(): (deposit: Deposit) => Actions {
  const me = useMe();
  const manages = useCan()("deposits.manage");
  return ({ approval_status, deleted_at, staff_id }) => {
    if (deleted_at) return { commands: manages ? ["restore", "purge"] : [], canEdit: false };
    if (!manages && staff_id !== me.id) return { commands: [], canEdit: false };
    const reviews: Command[] = manages && approval_status === "pending" ? ["approve", "decline"] : [];
    return { commands: [...reviews, "delete"], canEdit: approval_status !== "declined" };
  };
}

/** Deletes without a question, with a way back; only for who may bring things back. */
export function useDeleteWithUndo(): (deposit: Deposit) => void {
  const { t } = useTranslation();
  const act = useCommandAtOnce();
  return ({ id, customer_id }) =>
    act.mutate(
      { id, command: "delete" },
      {
        onSuccess: () =>
          undoToast(t("deposits.deleted_named", { customer: customer_id }), t("common.undo"), () =>
            act.mutate(
              { id, command: "restore" },
              { onSuccess: () => toast.success(t("deposits.do.done_restore", { count: 1 })) },
            ),
          ),
      },
    );
}
