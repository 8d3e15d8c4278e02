import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, toast } from "@/components/feedback";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { type ReviewAction, useReview } from "./api";
import { REVIEWS_AT_ONCE, type Reviewed } from "./review-parts";
import { ReviewResult } from "./review-result";
import type { RecordRequest } from "./types";

const REASON_MAX = 500;

/** Approves or rejects one request or many. What could not be decided stays on screen with the reason (spec 2.3). */
export function ReviewDialog({
  action,
  requests,
  onDone,
  onClose,
}: {
  action: ReviewAction;
  requests: readonly RecordRequest[];
  /** Called once something was decided. */
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [decided, setDecided] = useState(0);
  const review = useReview(setDecided);
  const [reason, setReason] = useState("");
  const [failed, setFailed] = useState<Reviewed | null>(null);
  // The selection is cleared while the dialog is still on screen.
  const [asked] = useState(requests);

  const records = asked.reduce((sum, request) => sum + request.record_count, 0);
  const people = new Set(asked.map((request) => request.requested_by)).size;
  const count = asked.length;

  if (failed) return <ReviewResult action={action} result={failed} requests={asked} onClose={onClose} />;

  function decide() {
    review.mutate(
      { ids: asked.map(({ id }) => id), action, reason: reason.trim() },
      {
        onSuccess: (result) => {
          onDone();
          if (result.failed_count > 0 || result.left) return setFailed(result);
          toast.success(t(`requests.review.done_${action}`, { count: result.success_count }));
          onClose();
        },
      },
    );
  }

  const recordWords = t("requests.review.records", { count: records, formatted: format.number(records) });
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(`requests.review.title_${action}`, { count })}
      consequence={
        action === "approve"
          ? t("requests.review.consequence_approve", { count: people, records: recordWords })
          : t("requests.review.consequence_reject", { records: recordWords })
      }
      confirmLabel={t(`requests.review.confirm_${action}`, { count })}
      danger={action === "reject"}
      busy={review.isPending}
      error={review.error}
      onConfirm={decide}
    >
      {review.isPending && count > REVIEWS_AT_ONCE && (
        <p role="status" className="tabular text-muted text-sm">
          {t("requests.review.progress", { done: format.number(decided), total: format.number(count) })}
        </p>
      )}
      {action === "reject" && (
        <Field
          label={t("requests.review.reason")}
          optional={t("common.optional")}
          hint={t("requests.review.reason_hint")}
        >
          <Textarea
            value={reason}
            maxLength={REASON_MAX}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
      )}
    </ConfirmDialog>
  );
}
