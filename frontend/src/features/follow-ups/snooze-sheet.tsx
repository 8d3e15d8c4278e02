import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrorsOf } from "@/api/problem";
import { serverTimeOptions } from "@/api/server-time";
import { FormSheet, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { Input, Textarea } from "@/components/ui/input";
import { addDays } from "@/features/deposits";
import { useFollowUpCommand } from "./api";
import type { FollowUp } from "./types";

const SOON = [1, 3, 7] as const;

/** Hides a follow-up until a day; on that day it is back by itself. */
export function SnoozeSheet({
  followUp,
  onClose,
  onSnoozed,
}: {
  followUp: FollowUp;
  onClose: () => void;
  onSnoozed: (until: string) => void;
}) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const today = useQuery(serverTimeOptions).data?.today;
  const [until, setUntil] = useState<string>();
  const [note, setNote] = useState("");
  const snooze = useFollowUpCommand(true);
  const refused = fieldErrorsOf(snooze.error);
  const day = until ?? (today ? addDays(today, 1) : "");
  return (
    <FormSheet
      onClose={onClose}
      title={t("followups.snooze.title", { customer: followUp.customer_id })}
      description={t("followups.snooze.description")}
      submitLabel={t("followups.do.snooze")}
      busy={snooze.isPending}
      onSubmit={() =>
        snooze.mutate(
          { followUp, command: { do: "snooze", until: day, note: note.trim() || undefined } },
          {
            onSuccess: () => {
              onClose();
              onSnoozed(day);
            },
          },
        )
      }
    >
      {today && (
        <div className="flex flex-wrap gap-2">
          {SOON.map((days) => (
            <Button
              key={days}
              size="sm"
              aria-pressed={day === addDays(today, days)}
              variant={day === addDays(today, days) ? "primary" : undefined}
              onClick={() => setUntil(addDays(today, days))}
            >
              {days === 1 ? t("followups.snooze.tomorrow") : t("followups.snooze.in_days", { count: days })}
            </Button>
          ))}
        </div>
      )}
      <Field label={t("followups.snooze.until")} error={refused.until}>
        <Input
          type="date"
          required
          min={today && addDays(today, 1)}
          max={today && addDays(today, 365)}
          value={day}
          onChange={(event) => setUntil(event.target.value)}
        />
      </Field>
      <Field label={t("followups.note")} optional={t("common.optional")} error={refused.note}>
        <Textarea maxLength={2000} value={note} onChange={(event) => setNote(event.target.value)} />
      </Field>
      <FormError>
        {snooze.error && !refused.until && !refused.note ? problemText(snooze.error) : null}
      </FormError>
    </FormSheet>
  );
}
