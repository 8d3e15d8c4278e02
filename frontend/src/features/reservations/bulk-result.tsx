import { useTranslation } from "react-i18next";
import { OutcomeDialog } from "@/components/feedback";
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
  return (
    <OutcomeDialog
      title={t("reservations.result.title")}
      summary={t("reservations.result.summary", {
        done: result.success_count,
        count: result.success_count + result.failed_count,
      })}
      lines={result.results.map((entry) => {
        const reservation = known.get(entry.id);
        return {
          id: entry.id,
          name: reservation && `${reservation.customer_id} · ${reservation.product_name}`,
          text: entry.error
            ? codeText("reservations.moved", entry.status ?? "unknown", entry.error)
            : codeText("reservations.status", entry.status ?? "", entry.status ?? ""),
          failed: Boolean(entry.error),
        };
      })}
      onClose={onClose}
    />
  );
}
