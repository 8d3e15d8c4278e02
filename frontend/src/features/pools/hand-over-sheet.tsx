import { useState } from "react";
import { useTranslation } from "react-i18next";
import { newIdempotencyKey } from "@/api/client";
import { fieldErrorsOf } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { EntitySheet, FormSheet, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/field";
import { useHandOver, useUndo } from "./api";
import { LeftOut } from "./assign-result";
import type { Pool } from "./descriptors";
import type { Picked } from "./record-bulk";
import { StaffPicker } from "./staff-picker";
import { useStaffRooms } from "./staff-rooms";
import type { HandedOver, PoolDatabase } from "./types";
import { useUndoToast } from "./use-undo-toast";

/** Gives records that somebody holds to another staff, who starts on them afresh (spec 2.1). */
export function HandOverSheet({
  pool,
  database,
  picked,
  onClose,
}: {
  pool: Pool;
  database: PoolDatabase;
  picked: Picked;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const undoable = useUndoToast();
  const handOver = useHandOver(pool.module);
  const [key] = useState(newIdempotencyKey);
  // As it was when this was opened: the selection is cleared while the outcome is on screen.
  const [asked] = useState({ ids: picked.ids, rows: picked.rows });
  const [chosen, setChosen] = useState<string[]>([]);
  const [missing, setMissing] = useState<string>();
  const [partly, setPartly] = useState<HandedOver | null>(null);
  const { staff, loading } = useStaffRooms(pool.module, database.id);

  const holders = new Set(asked.rows.map((row) => row.assigned_to).filter(Boolean));
  const allSeen = asked.rows.length === asked.ids.length;
  // Who holds all of it already has nothing to receive.
  const others = staff.filter((person) => !(allSeen && holders.size === 1 && holders.has(person.staff_id)));
  const receiver = others.find((person) => person.staff_id === chosen[0]);
  const words = { count: asked.ids.length, formatted: format.number(asked.ids.length) };
  const refused = fieldErrorsOf(handOver.error).staff_id;

  function submit() {
    const staffId = chosen[0];
    setMissing(staffId ? undefined : t("pools.hand_over.staff_missing"));
    if (!staffId) return;
    handOver.mutate(
      { recordIds: asked.ids, staffId, key },
      {
        onSuccess: (result) => {
          picked.clear();
          if (result.excluded.length > 0 || result.blocked_records.length > 0) return setPartly(result);
          undoable(doneText(result), result.operation_id);
          onClose();
        },
      },
    );
  }

  const doneText = (result: HandedOver) =>
    t("pools.hand_over.done", {
      count: result.moved_count,
      formatted: format.number(result.moved_count),
      name: receiver?.staff_name ?? "",
    });

  if (partly) return <Partly result={partly} text={doneText(partly)} onClose={onClose} />;
  return (
    <FormSheet
      onClose={onClose}
      title={t("pools.hand_over.title", words)}
      description={database.name}
      submitLabel={
        receiver ? t("pools.hand_over.submit", { name: receiver.staff_name }) : t("pools.hand_over.open")
      }
      busy={handOver.isPending}
      onSubmit={submit}
    >
      <p className="text-sm">{t("pools.hand_over.consequence", words)}</p>
      <StaffPicker
        single
        staff={others}
        loading={loading}
        chosen={chosen}
        onChange={(next) => {
          setChosen(next);
          setMissing(undefined);
        }}
        error={missing ?? refused}
      />
      <FormError>{handOver.error && !refused ? problemText(handOver.error) : null}</FormError>
    </FormSheet>
  );
}

/** Some stayed where they were: which, and why. */
function Partly({ result, text, onClose }: { result: HandedOver; text: string; onClose: () => void }) {
  const { t } = useTranslation();
  const undo = useUndo();
  return (
    <EntitySheet
      open
      onClose={onClose}
      title={t("pools.hand_over.partly")}
      footer={
        <>
          <Button
            className="mr-auto"
            busy={undo.isPending}
            onClick={() => undo.mutate(result.operation_id, { onSuccess: onClose })}
          >
            {t("common.undo")}
          </Button>
          <Button variant="primary" onClick={onClose}>
            {t("common.close")}
          </Button>
        </>
      }
    >
      <div className="grid gap-4 text-sm">
        <p>{text}</p>
        <LeftOut title={t("pools.hand_over.stayed")} result={result} />
      </div>
    </EntitySheet>
  );
}
