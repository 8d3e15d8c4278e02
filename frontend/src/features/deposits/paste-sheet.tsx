import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { EntitySheet, ProgressBar, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { useDebounced } from "@/lib/use-debounced";
import { previewOptions } from "./api";
import type { Place } from "./entry-form";
import { PASTE_MAX, parsePasted } from "./paste";
import { type CheckedRow, canBook, formOfPasted, isPlain } from "./paste-checked";
import { PasteResult } from "./paste-result";
import { PastedRows } from "./pasted-rows";
import { useSendAll } from "./use-send-all";

/** Rows of a spreadsheet, checked before any is booked; each is booked for itself, and what became of it is said. */
export function PasteSheet({
  place,
  text: first,
  onClose,
}: {
  place: Place;
  text: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const [text, setText] = useState(first);
  const [ticked, setTicked] = useState<ReadonlyMap<number, boolean>>(new Map());
  const sending = useSendAll();
  const settled = useDebounced(text);
  const { rows, hasHeading } = useMemo(() => parsePasted(settled), [settled]);
  const tooMany = rows.length > PASTE_MAX;
  const sound = useMemo(
    () =>
      tooMany
        ? []
        : rows
            .filter(({ faults }) => faults.length === 0)
            .map((row) => ({ row, form: formOfPasted(row, place) })),
    [rows, place, tooMany],
  );
  const preview = useQuery({
    ...previewOptions(sound.map(({ form }) => form)),
    enabled: sound.length > 0 && sending.phase === "idle",
  });
  const checked: CheckedRow[] = rows.map((row) => {
    const index = sound.findIndex((other) => other.row === row);
    return {
      row,
      form: sound[index]?.form ?? formOfPasted(row, place),
      preview: index < 0 ? undefined : preview.data?.[index],
    };
  });
  const isTicked = (entry: CheckedRow) => canBook(entry) && (ticked.get(entry.row.line) ?? isPlain(entry));
  const chosen = tooMany || text !== settled ? [] : checked.filter(isTicked);

  if (sending.phase === "done") return <PasteResult sending={sending} onClose={onClose} />;

  const busy = sending.phase === "sending";
  return (
    <EntitySheet
      open
      onClose={() => !busy && onClose()}
      title={t("deposits.paste.title")}
      description={t("deposits.paste.hint")}
      className="sm:max-w-3xl"
      footer={
        <>
          <Button onClick={onClose} disabled={busy}>
            {t("common.cancel")}
          </Button>
          <Button
            variant="primary"
            busy={busy}
            disabled={chosen.length === 0}
            onClick={() => sending.start(chosen)}
          >
            {t("deposits.paste.submit", { count: chosen.length })}
          </Button>
        </>
      }
    >
      {busy ? (
        <ProgressBar label={t("deposits.paste.sending")} done={sending.done} total={sending.total} />
      ) : (
        <div className="grid gap-4">
          <Field
            label={t("deposits.paste.rows")}
            hint={t("deposits.paste.columns", { max: format.number(PASTE_MAX) })}
            error={tooMany ? t("deposits.paste.over_limit", { max: format.number(PASTE_MAX) }) : undefined}
          >
            <Textarea
              className="min-h-32 font-mono text-xs"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setTicked(new Map());
              }}
              spellCheck={false}
              autoCapitalize="off"
              autoComplete="off"
            />
          </Field>
          {hasHeading && <p className="text-muted text-sm">{t("deposits.paste.heading")}</p>}
          <FormError>{preview.error ? problemText(preview.error) : null}</FormError>
          {rows.length > 0 && !tooMany && (
            <PastedRows
              checked={checked}
              isTicked={isTicked}
              onTick={(line, on) => setTicked((before) => new Map(before).set(line, on))}
            />
          )}
        </div>
      )}
    </EntitySheet>
  );
}
