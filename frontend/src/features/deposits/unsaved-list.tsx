import { LoaderCircle, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import type { BookingQueue, Entry } from "./booking-queue";

/** What was entered and is not in the ledger: on its way, asked about, or refused and why. Nothing here counts yet. */
export function UnsavedList({
  queue,
  entries,
  onCorrect,
}: {
  queue: BookingQueue;
  entries: readonly Entry[];
  onCorrect: (entry: Entry) => void;
}) {
  const { t } = useTranslation();
  if (entries.length === 0) return null;
  return (
    <Card className="mt-3">
      <ul aria-label={t("deposits.unsaved.title")} className="divide-y">
        {entries.map((entry) => (
          <UnsavedRow key={entry.id} entry={entry} queue={queue} onCorrect={onCorrect} />
        ))}
      </ul>
    </Card>
  );
}

function UnsavedRow({
  entry,
  queue,
  onCorrect,
}: {
  entry: Entry;
  queue: BookingQueue;
  onCorrect: (entry: Entry) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const { id, form, state, faults, error } = entry;
  const why =
    state === "asking"
      ? t("deposits.unsaved.asking")
      : faults.length > 0
        ? faults.map(({ message }) => message).join(" ")
        : isProblem(error) && error.errors.length > 0
          ? error.errors.map(({ message }) => message).join(" ")
          : problemText(error);
  const correct = () => {
    const taken = queue.take(id);
    if (taken) onCorrect(taken);
  };
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-3 py-2 text-sm" data-testid="unsaved">
      {state === "sending" ? (
        <LoaderCircle className="size-4 shrink-0 animate-spin text-muted" aria-hidden />
      ) : (
        <TriangleAlert
          className={`size-4 shrink-0 ${state === "asking" ? "text-warning" : "text-danger"}`}
          aria-hidden
        />
      )}
      <span className="min-w-0 flex-1 basis-52">
        <span className="break-words font-medium">{form.customer_id}</span>{" "}
        <span className="tabular">{format.number(form.nominal * form.depo_kelipatan)}</span>
        {form.keterangan && <span className="break-words text-muted"> · {form.keterangan}</span>}
        <span role={state === "sending" ? undefined : "alert"} className="block text-muted">
          {state === "sending" ? t("deposits.unsaved.sending") : why}
        </span>
      </span>
      {state !== "sending" && (
        <span className="flex flex-wrap gap-1">
          <Button
            size="sm"
            variant={state === "asking" ? "primary" : undefined}
            onClick={() => queue.again(id)}
          >
            {t(state === "asking" ? "deposits.unsaved.book_again" : "common.retry")}
          </Button>
          <Button size="sm" onClick={correct}>
            {t("deposits.unsaved.correct")}
          </Button>
          <Button size="sm" variant="ghost" onClick={() => queue.take(id)}>
            {t("deposits.unsaved.leave_out")}
          </Button>
        </span>
      )}
    </li>
  );
}
