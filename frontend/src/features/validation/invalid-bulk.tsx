import { Archive, Replace, Undo2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { useReasonsText } from "@/features/pools";
import { useReturn } from "./api";

const NOTE_MAX = 500;

/** What can be done with selected rejected records: replace, archive without replacement, back to the staff. */
export function InvalidBulk({
  ids,
  clear,
  onProcess,
}: {
  ids: string[];
  clear: () => void;
  onProcess: (replace: boolean) => void;
}) {
  const { t } = useTranslation();
  const [returning, setReturning] = useState(false);
  return (
    <>
      <Button size="sm" variant="primary" onClick={() => onProcess(true)}>
        <Replace aria-hidden />
        {t("validation.process.replace")}
      </Button>
      <Button size="sm" onClick={() => onProcess(false)}>
        <Archive aria-hidden />
        {t("validation.process.archive")}
      </Button>
      <Button size="sm" onClick={() => setReturning(true)}>
        <Undo2 aria-hidden />
        {t("validation.return.open")}
      </Button>
      {returning && <ReturnDialog ids={ids} clear={clear} onClose={() => setReturning(false)} />}
    </>
  );
}

/** Back to the staff: the verdict is taken off, and they are told. */
function ReturnDialog({ ids, clear, onClose }: { ids: string[]; clear: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const giveBack = useReturn();
  const reasonsText = useReasonsText();
  const [note, setNote] = useState("");
  const [count] = useState(ids.length);
  const values = { count, formatted: format.number(count) };
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("validation.return.title", values)}
      consequence={t("validation.return.consequence")}
      confirmLabel={t("validation.return.confirm", values)}
      danger={false}
      busy={giveBack.isPending}
      error={giveBack.error}
      onConfirm={() =>
        giveBack.mutate(
          { recordIds: ids, note: note.trim() },
          {
            onSuccess: ({ returned_count, skipped }) => {
              const done = t("validation.return.done", {
                count: returned_count,
                formatted: format.number(returned_count),
              });
              if (skipped.length > 0) toast.warning(done, { description: reasonsText(skipped) });
              else toast.success(done);
              onClose();
              clear();
            },
          },
        )
      }
    >
      <Field label={t("validation.return.note")} optional={t("common.optional")}>
        <Textarea value={note} maxLength={NOTE_MAX} onChange={(event) => setNote(event.target.value)} />
      </Field>
    </ConfirmDialog>
  );
}
