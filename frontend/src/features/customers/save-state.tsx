import { CloudAlert, CloudCheck, LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import type { MarkQueue } from "./mark-queue";
import type { QueueState } from "./marked";

/**
 * Whether everything that was marked is on the server. Quiet while it is; what could not be saved floats above the page
 * until it is, so that it is seen wherever one is and moves nothing.
 */
export function SaveState({ queue, state }: { queue: MarkQueue; state: QueueState }) {
  const { t } = useTranslation();
  const saving = state.phase === "saving";
  const Icon = saving ? LoaderCircle : CloudCheck;
  return (
    <>
      <span
        role="status"
        className="inline-flex h-8 items-center sm:min-w-24 justify-end gap-1.5 text-muted text-xs max-sm:sr-only"
      >
        {state.phase !== "unsaved" && (
          <>
            <Icon className={saving ? "size-4 animate-spin" : "size-4"} aria-hidden />
            {saving ? t("customers.save.saving") : t("customers.save.saved")}
          </>
        )}
      </span>
      {state.phase === "unsaved" && (
        <div
          role="alert"
          className="fixed inset-x-2 bottom-3 z-30 mx-auto flex w-fit max-w-[calc(100vw-1rem)] animate-pop-in items-center gap-3 rounded-lg border border-warning bg-warning-soft px-3 py-2 text-sm text-warning shadow-lg"
        >
          <CloudAlert className="size-4 shrink-0" aria-hidden />
          {t("customers.save.unsaved", { count: state.waiting.size })}
          <Button size="sm" onClick={queue.retryNow}>
            {t("common.retry")}
          </Button>
        </div>
      )}
    </>
  );
}
