import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog, OutcomeDialog, toast, useProblemText } from "@/components/feedback";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { useCommand } from "./api";
import { useConflictText } from "./badges";
import { DANGEROUS } from "./commands";
import type { Command, Deposit, Outcome } from "./types";

const REASON_MAX = 500;

export type Asking = { command: Command; deposits: readonly Deposit[]; onDone?: () => void };

/** Asks before one command on one deposit or several; what could not be done stays on screen. */
export function CommandDialog({ asking, onClose }: { asking: Asking; onClose: () => void }) {
  const { t } = useTranslation();
  const conflictText = useConflictText();
  const act = useCommand();
  const [reason, setReason] = useState("");
  const [outcomes, setOutcomes] = useState<Outcome[]>([]);
  // The selection is cleared while the dialog is still on screen.
  const [{ command, deposits, onDone }] = useState(asking);
  const count = deposits.length;
  const only = count === 1 ? deposits[0] : undefined;

  if (outcomes.length > 1) return <OutcomesDialog outcomes={outcomes} onClose={onClose} />;

  function decide() {
    act.mutate(
      { deposits, command, reason: reason.trim() },
      {
        onSuccess: (found) => {
          const failed = found.filter(({ error }) => error !== undefined).length;
          if (failed < found.length) onDone?.();
          if (failed > 0) return setOutcomes(found);
          toast.success(t(`deposits.do.done_${command}`, { count }));
          onClose();
        },
      },
    );
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(`deposits.do.title_${command}`, { count })}
      consequence={
        <>
          {only && (
            <span className="block break-words font-medium text-foreground">
              {only.customer_id} · {only.product_name} · {only.staff_name}
            </span>
          )}
          {t(`deposits.do.consequence_${command}`)}
          {command === "approve" && only && <span className="block text-warning">{conflictText(only)}</span>}
        </>
      }
      confirmLabel={t(`deposits.do.${command}`)}
      danger={DANGEROUS.has(command)}
      typeWord={command === "purge" ? t("deposits.purge_word") : undefined}
      busy={act.isPending}
      error={outcomes[0]?.error}
      onConfirm={decide}
    >
      {command === "decline" && (
        <Field
          label={t("deposits.decline_reason")}
          optional={t("common.optional")}
          hint={t("deposits.reason_hint")}
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

/** Of several deposits, how each one went. */
function OutcomesDialog({ outcomes, onClose }: { outcomes: Outcome[]; onClose: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const done = outcomes.filter(({ error }) => error === undefined).length;
  return (
    <OutcomeDialog
      title={t("deposits.result.title")}
      summary={t("deposits.result.summary", { done, count: outcomes.length })}
      lines={outcomes.map(({ deposit, error }) => ({
        id: deposit.id,
        name: `${deposit.customer_id} · ${deposit.product_name}`,
        text: error ? problemText(error) : t("deposits.result.done"),
        failed: Boolean(error),
      }))}
      onClose={onClose}
    />
  );
}
