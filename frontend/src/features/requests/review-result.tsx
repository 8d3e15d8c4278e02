import { CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogDescription, DialogFooter, DialogTitle } from "@/components/ui/dialog";
import { useCodeText } from "@/lib/code-text";
import type { ReviewAction } from "./api";
import type { Reviewed } from "./review-parts";
import type { RecordRequest } from "./types";

/** Of several requests, those that were not decided, each with what stood in the way. */
export function ReviewResult({
  action,
  result,
  requests,
  onClose,
}: {
  action: ReviewAction;
  result: Reviewed;
  requests: readonly RecordRequest[];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const codeText = useCodeText();
  const problemText = useProblemText();
  const known = new Map(requests.map((request) => [request.id, request]));
  const failures = result.results.filter((entry) => entry.error);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <div className="grid gap-1">
          <DialogTitle>{t("requests.review.result")}</DialogTitle>
          <DialogDescription>
            {t(`requests.review.result_${action}`, {
              done: result.success_count,
              count: requests.length,
            })}
          </DialogDescription>
        </div>
        {result.success_count > 0 && (
          <p className="flex items-center gap-2 text-sm">
            <CircleCheck className="size-4 text-success" aria-hidden />
            {t(`requests.review.done_${action}`, { count: result.success_count })}
          </p>
        )}
        {result.left && (
          <p role="alert" className="text-danger text-sm">
            {t("requests.review.left", { count: result.left.ids.length })} {problemText(result.left.error)}
          </p>
        )}
        <ul className="max-h-[50vh] divide-y overflow-y-auto rounded-md border border-border text-sm empty:hidden">
          {failures.map((entry) => {
            const request = known.get(entry.id);
            return (
              <li key={entry.id} className="flex items-start gap-2.5 px-3 py-2">
                <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warning" aria-hidden />
                <span className="min-w-0">
                  {request && (
                    <span className="block break-words font-medium">
                      {request.requested_by_name} · {request.database_name} · {request.record_count}
                    </span>
                  )}
                  <span className="block break-words text-muted">
                    {codeText("requests.moved", entry.status, entry.error ?? "")}
                  </span>
                </span>
              </li>
            );
          })}
        </ul>
        <DialogFooter>
          <Button variant="primary" onClick={onClose}>
            {t("common.close")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
