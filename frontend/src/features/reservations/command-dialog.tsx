import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog, toast } from "@/components/feedback";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { useBulkCommand, useCommand } from "./api";
import { BulkResultDialog } from "./bulk-result";
import { DANGEROUS } from "./commands";
import { useEffectsText } from "./effects";
import { ImpactOf } from "./impact-view";
import type { BulkChanged, BulkCommand, Command, Reservation } from "./types";

const REASON_MAX = 300;

export type Asking =
  | { command: Command; reservations: readonly [Reservation]; onDone?: () => void }
  | { command: BulkCommand; reservations: readonly Reservation[]; onDone?: () => void };

/** Asks before one command on one reservation or many, with what it will do; what could not be done stays on screen. */
export function CommandDialog({ asking, onClose }: { asking: Asking; onClose: () => void }) {
  const { t } = useTranslation();
  const effectsText = useEffectsText();
  const one = useCommand();
  const many = useBulkCommand();
  const [reason, setReason] = useState("");
  const [failed, setFailed] = useState<BulkChanged | null>(null);
  // The selection is cleared while the dialog is still on screen.
  const [{ command, reservations, onDone }] = useState(asking);
  const count = reservations.length;
  const only = count === 1 ? reservations[0] : undefined;

  if (failed) return <BulkResultDialog result={failed} reservations={reservations} onClose={onClose} />;

  function decide() {
    if (only) {
      one.mutate(
        { id: only.id, command, reason: reason.trim() },
        {
          onSuccess: (effects) => {
            toast.success(t(`reservations.do.done_${command}`, { count }), {
              description: effectsText(effects),
            });
            onDone?.();
            onClose();
          },
        },
      );
      return;
    }
    many.mutate(
      { ids: reservations.map(({ id }) => id), command: command as BulkCommand, reason: reason.trim() },
      {
        onSuccess: (result) => {
          onDone?.();
          if (result.failed_count > 0) return setFailed(result);
          toast.success(t(`reservations.do.done_${command}`, { count: result.success_count }));
          onClose();
        },
      },
    );
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(`reservations.do.title_${command}`, { count })}
      consequence={
        <>
          {only && (
            <span className="block break-words font-medium text-foreground">
              {only.customer_id} · {only.product_name} · {only.staff_name}
            </span>
          )}
          {t(`reservations.do.consequence_${command}`)}
        </>
      }
      confirmLabel={t(`reservations.do.${command}`)}
      danger={DANGEROUS.has(command)}
      typeWord={command === "purge" ? t("reservations.purge_word") : undefined}
      busy={one.isPending || many.isPending}
      error={one.error ?? many.error}
      onConfirm={decide}
    >
      {command === "approve" && only && <ImpactOf id={only.id} />}
      {command === "reject" && (
        <Field
          label={t("reservations.why")}
          optional={t("common.optional")}
          hint={t("reservations.why_hint")}
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
