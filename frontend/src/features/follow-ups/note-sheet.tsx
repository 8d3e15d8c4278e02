import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrorsOf } from "@/api/problem";
import { FormSheet, toast, useProblemText } from "@/components/feedback";
import { Field, FormError } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { useFollowUpCommand } from "./api";
import type { FollowUp } from "./types";

/** A note on the record; it is in the notes and the timeline of the customer. */
export function NoteSheet({ followUp, onClose }: { followUp: FollowUp; onClose: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [text, setText] = useState("");
  const [isMissing, setMissing] = useState(false);
  const write = useFollowUpCommand(true);
  const refused = fieldErrorsOf(write.error).text;
  return (
    <FormSheet
      onClose={onClose}
      title={t("followups.note_of", { customer: followUp.customer_id })}
      submitLabel={t("common.save")}
      busy={write.isPending}
      onSubmit={() => {
        setMissing(!text.trim());
        if (!text.trim()) return;
        write.mutate(
          { followUp, command: { do: "note", text: text.trim() } },
          {
            onSuccess: () => {
              toast.success(t("common.saved"));
              onClose();
            },
          },
        );
      }}
    >
      <Field label={t("followups.note")} error={isMissing ? t("followups.note_missing") : refused}>
        <Textarea
          autoFocus
          rows={5}
          maxLength={2000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <FormError>{write.error && !refused ? problemText(write.error) : null}</FormError>
    </FormSheet>
  );
}
