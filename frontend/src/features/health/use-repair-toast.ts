import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { toast, undoToast } from "@/components/feedback";
import { useUndoRepair } from "./api";

/** Undoes a repair and says what came of it: what somebody has touched since stays as it is. */
export function useUndoing() {
  const { t } = useTranslation();
  const { mutate, isPending } = useUndoRepair(({ undone_count: count, skipped_count: skipped }) => {
    if (skipped > 0) toast.warning(t("health.undone_partly", { count, skipped }));
    else toast.success(t("health.undone", { count }));
  });
  return { busy: isPending, undo: (repairId: string) => mutate(repairId) };
}

/** Says what a repair did, with the way back. */
export function useRepairToast() {
  const { t } = useTranslation();
  const format = useFormat();
  const { undo } = useUndoing();
  return (count: number, repairId: string | undefined) => {
    const text = t("health.repair.done", { count, formatted: format.number(count) });
    if (repairId) undoToast(text, t("common.undo"), () => undo(repairId));
    else toast.success(text);
  };
}
