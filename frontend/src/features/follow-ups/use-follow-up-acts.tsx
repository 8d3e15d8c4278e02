import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { mayOpen, useCan, useMe } from "@/api/session";
import { toast, undoToast } from "@/components/feedback";
import { RecordDepositSheet } from "@/features/deposits";
import { copyText } from "@/lib/clipboard";
import { whatsAppLink } from "@/lib/phone";
import { useFollowUpCommand } from "./api";
import { NoteSheet } from "./note-sheet";
import { SnoozeSheet } from "./snooze-sheet";
import type { FollowUp } from "./types";

export const ACTS = ["whatsapp", "copy", "deposit", "snooze", "done", "lost", "reopen", "note"] as const;
export type Act = (typeof ACTS)[number];

/** The keys on the focused row; O, C and E are those of My customers. */
export const KEYS: Record<Act, string> = {
  whatsapp: "o",
  copy: "c",
  deposit: "d",
  snooze: "s",
  done: "f",
  lost: "l",
  reopen: "u",
  note: "e",
};

/** What makes sense for one: whoever has deposited needs nothing more, what is closed can only be opened again. */
export function actsOf(followUp: FollowUp, mayBook: boolean): Act[] {
  const byState: Record<FollowUp["state"], Act[]> = {
    open: ["deposit", "snooze", "done", "lost"],
    snoozed: ["deposit", "reopen", "snooze", "done", "lost"],
    done: ["deposit", "reopen"],
    lost: ["deposit", "reopen"],
    deposited: [],
  };
  const reach: Act[] = followUp.phone_e164 ? ["whatsapp", "copy"] : [];
  const acts: Act[] = [...reach, ...byState[followUp.state], "note"];
  return mayBook ? acts : acts.filter((act) => act !== "deposit");
}

/** Carries out what is pressed on a follow-up. `dialog` belongs on the page. */
export function useFollowUpActs(): {
  act: (followUp: FollowUp, act: Act) => void;
  actsOf: (followUp: FollowUp) => Act[];
  dialog: ReactNode;
} {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const mayBook = useCan()("deposits.book") && mayOpen(me, "omset");
  const { mutate } = useFollowUpCommand();
  const [asking, setAsking] = useState<{ followUp: FollowUp; act: Act } | null>(null);

  const act = useCallback(
    (followUp: FollowUp, wanted: Act) => {
      if (!actsOf(followUp, mayBook).includes(wanted)) return;
      const undo = () => mutate({ followUp, command: { do: "reopen" } });
      switch (wanted) {
        case "whatsapp":
          if (followUp.phone_e164)
            window.open(whatsAppLink(followUp.phone_e164), "_blank", "noopener,noreferrer");
          return;
        case "copy":
          void copyText(followUp.phone_e164 ?? "").then((done) =>
            done ? toast.success(t("phone.copied")) : toast.error(t("phone.copy_failed")),
          );
          return;
        case "done":
        case "lost":
          mutate(
            { followUp, command: { do: "done", outcome: wanted } },
            { onSuccess: () => undoToast(t(`followups.told.${wanted}`), t("common.undo"), undo) },
          );
          return;
        case "reopen":
          undo();
          return;
        default:
          setAsking({ followUp, act: wanted });
      }
    },
    [mutate, mayBook, t],
  );

  const close = () => setAsking(null);
  const { followUp } = asking ?? {};
  const dialog = followUp && (
    <>
      {asking?.act === "snooze" && (
        <SnoozeSheet
          followUp={followUp}
          onClose={close}
          onSnoozed={(day) =>
            undoToast(t("followups.told.snoozed", { day: format.day(day) }), t("common.undo"), () =>
              mutate({ followUp, command: { do: "reopen" } }),
            )
          }
        />
      )}
      {asking?.act === "note" && <NoteSheet followUp={followUp} onClose={close} />}
      {asking?.act === "deposit" && (
        <RecordDepositSheet
          onClose={close}
          customer={{
            customer_id: followUp.customer_id,
            customer_name: followUp.customer_display,
            product_id: followUp.product_id,
            product_name: followUp.product_name,
            staff_id: followUp.staff_id === me.id ? undefined : followUp.staff_id,
            staff_name: followUp.staff_name,
          }}
        />
      )}
    </>
  );
  return { act, actsOf: (row) => actsOf(row, mayBook), dialog };
}
