import { CloudAlert, CloudCheck, LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import type { MarkQueue, QueueState } from "./mark-queue";

/** Whether everything that was marked is on the server; keeps its width so that nothing beside it moves. */
export function SaveState({ queue, state }: { queue: MarkQueue; state: QueueState }) {
  const { t } = useTranslation();
  if (state.phase === "unsaved") {
    return (
      <span role="alert" className="inline-flex items-center gap-2 text-sm text-warning">
        <CloudAlert className="size-4 shrink-0" aria-hidden />
        {t("customers.save.unsaved", { count: state.waiting.size })}
        <Button size="sm" onClick={queue.retryNow}>
          {t("common.retry")}
        </Button>
      </span>
    );
  }
  const saving = state.phase === "saving";
  const Icon = saving ? LoaderCircle : CloudCheck;
  return (
    <span role="status" className="inline-flex min-w-24 items-center justify-end gap-1.5 text-muted text-xs">
      <Icon className={saving ? "size-4 animate-spin" : "size-4"} aria-hidden />
      {saving ? t("customers.save.saving") : t("customers.save.saved")}
    </span>
  );
}
