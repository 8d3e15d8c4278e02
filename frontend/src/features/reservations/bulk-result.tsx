import { CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogDescription, DialogFooter, DialogTitle } from "@/components/ui/dialog";
import { useCodeText } from "@/lib/code-text";
import type { BulkChanged, Reservation } from "./types";

/** Of several reservations, how each one went. */
export function BulkResultDialog({
  result,
  reservations,
  onClose,
}: {
  result: BulkChanged;
  reservations: readonly Reservation[];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const codeText = useCodeText();
  const known = new Map(reservations.map((reservation) => [reservation.id, reservation]));
  // What failed comes first: it is what somebody has to look at.
  const results = [...result.results].sort((a, b) => Number(Boolean(b.error)) - Number(Boolean(a.error)));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <div className="grid gap-1">
          <DialogTitle>{t("reservations.result.title")}</DialogTitle>
          <DialogDescription>
            {t("reservations.result.summary", {
              done: result.success_count,
              count: result.success_count + result.failed_count,
            })}
          </DialogDescription>
        </div>
        <ul className="max-h-72 divide-y overflow-y-auto rounded-md border border-border text-sm">
          {results.map((entry) => {
            const reservation = known.get(entry.id);
            const Icon = entry.error ? TriangleAlert : CircleCheck;
            return (
              <li key={entry.id} className="flex items-start gap-2.5 px-3 py-2">
                <Icon
                  className={`mt-0.5 size-4 shrink-0 ${entry.error ? "text-warning" : "text-success"}`}
                  aria-hidden
                />
                <span className="min-w-0">
                  {reservation && (
                    <span className="block break-words font-medium">
                      {reservation.customer_id} · {reservation.product_name}
                    </span>
                  )}
                  <span className="block break-words text-muted">
                    {entry.error
                      ? codeText("reservations.moved", entry.status ?? "unknown", entry.error)
                      : codeText("reservations.status", entry.status ?? "", entry.status ?? "")}
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
