import { toast } from "sonner";

/** "Done" with a way back: `undoToast(t("pools.recalled", { count }), t("common.undo"), () => undo.mutate(id))`. */
export function undoToast(
  message: string,
  undoLabel: string,
  onUndo: () => void,
  description?: string,
): void {
  toast.success(message, { description, duration: 10_000, action: { label: undoLabel, onClick: onUndo } });
}

export { toast };
