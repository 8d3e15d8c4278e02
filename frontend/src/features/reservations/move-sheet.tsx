import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrorsOf } from "@/api/problem";
import { FormSheet, toast, useProblemText } from "@/components/feedback";
import { Field, FormError } from "@/components/ui/field";
import { useMove } from "./api";
import { StaffSelect } from "./choices";
import { useEffectsText } from "./effects";
import { ImpactOf } from "./impact-view";
import type { Reservation } from "./types";

/** Gives a reservation to somebody else, after showing whose records that touches (spec 3.1). */
export function MoveSheet({ reservation, onClose }: { reservation: Reservation; onClose: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const effectsText = useEffectsText();
  const move = useMove();
  const [staffId, setStaffId] = useState("");
  const [missing, setMissing] = useState(false);
  const refused = fieldErrorsOf(move.error).new_staff_id;

  function submit() {
    setMissing(!staffId);
    if (!staffId) return;
    move.mutate(
      { id: reservation.id, staffId },
      {
        onSuccess: (moved) => {
          toast.success(t("reservations.move.done", { name: moved.staff_name }), {
            description: effectsText(moved),
          });
          onClose();
        },
      },
    );
  }

  return (
    <FormSheet
      onClose={onClose}
      title={t("reservations.move.title")}
      description={`${reservation.customer_id} · ${reservation.product_name} · ${reservation.staff_name}`}
      submitLabel={t("reservations.move.confirm")}
      busy={move.isPending}
      onSubmit={submit}
    >
      <Field
        label={t("reservations.move.to")}
        error={missing ? t("reservations.form.staff_missing") : refused}
        hint={t("reservations.move.hint")}
      >
        <StaffSelect
          value={staffId}
          except={reservation.staff_id}
          onChoose={(id) => {
            setStaffId(id);
            setMissing(false);
            move.reset();
          }}
        />
      </Field>
      {staffId && <ImpactOf id={reservation.id} newStaffId={staffId} />}
      <FormError>{move.error && !refused ? problemText(move.error) : null}</FormError>
    </FormSheet>
  );
}
