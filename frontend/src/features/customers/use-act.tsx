import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "@/components/feedback";
import { copyText } from "@/lib/clipboard";
import { whatsAppLink } from "@/lib/phone";
import { InvalidDialog } from "./invalid-dialog";
import { toggled } from "./mark-keys";
import type { MarkQueue } from "./mark-queue";
import type { Act } from "./mark-toggles";
import type { HeldRecord } from "./types";

/** What the page itself does: what is shown beside a record is its matter. */
type PageActs = { onNote: (record: HeldRecord) => void; onRequest?: (record: HeldRecord) => void };

/**
 * Carries out actions on customers: marks go to the queue, "invalid" asks why first. `dialog` belongs on the page.
 * The record must be as it is shown, so that pressing what is set takes it back.
 */
export function useAct(queue: MarkQueue, { onNote, onRequest }: PageActs): { act: Act; dialog: ReactNode } {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<HeldRecord | null>(null);

  const act = useCallback<Act>(
    (record, action) => {
      switch (action.do) {
        case "whatsapp":
          queue.mark(record, { whatsapp_status: toggled(record.whatsapp_status, action.value) });
          return;
        case "respond":
          queue.mark(record, { respond_status: toggled(record.respond_status, action.value) });
          return;
        case "valid":
          queue.judge(record, { is_valid: toggled(record.validation_status, "validated") && true });
          return;
        case "invalid":
          if (record.validation_status === "invalid") queue.judge(record, { is_valid: null });
          else setAsking(record);
          return;
        case "copy":
          if (!record.phone_e164) toast.error(t("customers.no_phone"));
          else {
            void copyText(record.phone_e164).then((done) =>
              done ? toast.success(t("phone.copied")) : toast.error(t("phone.copy_failed")),
            );
          }
          return;
        case "whatsapp_link":
          if (record.phone_e164)
            window.open(whatsAppLink(record.phone_e164), "_blank", "noopener,noreferrer");
          else toast.error(t("customers.no_phone"));
          return;
        case "note":
          onNote(record);
          return;
        case "request":
          onRequest?.(record);
      }
    },
    [queue, t, onNote, onRequest],
  );

  const dialog = asking && (
    <InvalidDialog
      name={asking.customer_id}
      onClose={() => setAsking(null)}
      onChoose={(reason, note) => {
        queue.judge(asking, { is_valid: false, reason, note });
        setAsking(null);
      }}
    />
  );
  return { act, dialog };
}
