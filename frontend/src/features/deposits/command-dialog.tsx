import { CircleCheck, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog, toast, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogDescription, DialogFooter, DialogTitle } from "@/components/ui/dialog";
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

/** Of several deposits, how each one went; what failed comes first. */
function OutcomesDialog({ outcomes, onClose }: { outcomes: Outcome[]; onClose: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const done = outcomes.filter(({ error }) => error === undefined).length;
  const sorted = [...outcomes].sort((a, b) => Number(Boolean(b.error)) - Number(Boolean(a.error)));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <div className="grid gap-1">
          <DialogTitle>{t("deposits.result.title")}</DialogTitle>
          <DialogDescription>
            {t("deposits.result.summary", { done, count: outcomes.length })}
          </DialogDescription>
        </div>
        <ul className="max-h-72 divide-y overflow-y-auto rounded-md border border-border text-sm">
          {sorted.map(({ deposit, error }) => {
            const Icon = error ? TriangleAlert : CircleCheck;
            return (
              <li key={deposit.id} className="flex items-start gap-2.5 px-3 py-2">
                <Icon
                  className={`mt-0.5 size-4 shrink-0 ${error ? "text-warning" : "text-success"}`}
                  aria-hidden
                />
                <span className="min-w-0">
                  <span className="block break-words font-medium">
                    {deposit.customer_id} · {deposit.product_name}
                  </span>
                  <span className="block break-words text-muted">
                    {error ? problemText(error) : t("deposits.result.done")}
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
