import { useTranslation } from "react-i18next";
import { toast, undoToast } from "@/components/feedback";
import { useUndo } from "./api";

/** Says what was done, with the way back; what could not be taken back (it moved on meanwhile) is said too. */
export function useUndoToast() {
  const { t } = useTranslation();
  const undo = useUndo(({ undone_count, skipped_count }) => {
    if (skipped_count > 0) {
      toast.warning(t("pools.undone_partly", { count: undone_count, skipped: skipped_count }));
    } else toast.success(t("pools.undone", { count: undone_count }));
  });
  return (message: string, operationId: string, description?: string) =>
    undoToast(message, t("common.undo"), () => undo.mutate(operationId), description);
}
