import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { newIdempotencyKey } from "@/api/client";
import { fieldErrorsOf } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { EntitySheet, FormSheet, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useUndoToast } from "@/features/pools";
import { useProcess } from "./api";
import type { Group } from "./search";
import type { Processed } from "./types";

/** Archives rejected records and deals others in their place, as many as are asked for and there are (spec 2.5). */
export function ProcessSheet({
  group,
  staffName,
  recordIds,
  count,
  replaceAtFirst,
  onDone,
  onClose,
}: {
  group: Group;
  staffName: string;
  /** Absent: everything this staff has rejected in this module. */
  recordIds?: string[];
  count: number;
  replaceAtFirst: boolean;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const process = useProcess();
  const undoable = useUndoToast();
  const [key] = useState(newIdempotencyKey);
  // Both are as they were when this was opened: the selection is cleared while the outcome is on screen.
  const [asked] = useState({ ids: recordIds, count });
  const [replace, setReplace] = useState(String(replaceAtFirst ? count : 0));
  const [missing, setMissing] = useState<string>();
  const [short, setShort] = useState<Processed | null>(null);
  const wanted = Number(replace);
  const valid = /^\d+$/.test(replace.trim()) && wanted <= asked.count;
  const archived = { count: asked.count, formatted: format.number(asked.count) };
  const error = missing ?? fieldErrorsOf(process.error).replace_count;

  function submit() {
    setMissing(valid ? undefined : t("validation.process.count_invalid", { max: archived.formatted }));
    if (!valid) return;
    process.mutate(
      { ...group, recordIds: asked.ids, replaceCount: wanted, key },
      {
        onSuccess: (result) => {
          onDone();
          undoable(doneText(result), result.operation_id);
          if (result.shortage.length > 0) setShort(result);
          else onClose();
        },
      },
    );
  }

  const doneText = (result: Processed) =>
    t("validation.process.done", {
      archived: format.number(result.archived_count),
      dealt: format.number(result.new_assigned_count),
    });

  if (short) {
    return <Shortage staffName={staffName} result={short} text={doneText(short)} onClose={onClose} />;
  }
  return (
    <FormSheet
      onClose={onClose}
      title={t("validation.process.title", archived)}
      description={staffName}
      submitLabel={
        valid && wanted > 0
          ? t("validation.process.submit", { count: wanted, formatted: format.number(wanted) })
          : t("validation.process.submit_archive", archived)
      }
      busy={process.isPending}
      onSubmit={submit}
    >
      <p className="text-sm">{t("validation.process.consequence", archived)}</p>
      <Field
        label={t("validation.process.quantity")}
        hint={t("validation.process.quantity_hint")}
        error={error}
      >
        <Input
          inputMode="numeric"
          autoComplete="off"
          className="tabular w-40"
          value={replace}
          onChange={(event) => {
            setReplace(event.target.value);
            setMissing(undefined);
          }}
        />
      </Field>
      <FormError>{process.error && !error ? problemText(process.error) : null}</FormError>
    </FormSheet>
  );
}

/** What could not be replaced, per database. */
function Shortage({
  staffName,
  result,
  text,
  onClose,
}: {
  staffName: string;
  result: Processed;
  text: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <EntitySheet
      open
      onClose={onClose}
      title={t("validation.process.short_title")}
      description={staffName}
      footer={
        <Button variant="primary" onClick={onClose}>
          {t("common.close")}
        </Button>
      }
    >
      <div className="grid gap-4 text-sm">
        <p>{text}</p>
        <section className="grid gap-1.5">
          <h3 className="font-medium">{t("validation.process.short")}</h3>
          <ul className="divide-y rounded-md border border-border">
            {result.shortage.map((entry) => (
              <li key={entry.database_id} className="flex items-center justify-between gap-3 px-3 py-2">
                <span className="min-w-0 break-words">{entry.database_name}</span>
                <span className="tabular flex items-center gap-1.5 text-warning">
                  <TriangleAlert className="size-3.5" aria-hidden />
                  {t("validation.process.missing", {
                    count: entry.missing,
                    formatted: format.number(entry.missing),
                  })}
                </span>
              </li>
            ))}
          </ul>
        </section>
        {result.skipped_reserved > 0 && (
          <p className="text-muted">
            {t("validation.process.skipped", {
              count: result.skipped_reserved,
              formatted: format.number(result.skipped_reserved),
            })}
          </p>
        )}
      </div>
    </EntitySheet>
  );
}
