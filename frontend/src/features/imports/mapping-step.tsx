import { useNavigate } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrorsOf } from "@/api/problem";
import type { Schemas } from "@/api/schema";
import { useFormat } from "@/api/server-time";
import { ProgressBar, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { Input, NativeSelect } from "@/components/ui/input";
import { Card } from "@/components/ui/surface";
import { cn } from "@/lib/cn";
import { useChoose } from "./api";
import { PreviewTable } from "./preview-table";
import { type AnyImport, type ColumnRole, type Import, type Mapping, ROLES, type SheetWanted } from "./types";

const NOTHING: Mapping = { username: null, name: null, phone: null };
/** From here on the server maps a column by itself. */
const CONFIDENT = 0.5;

/** Step 2: sheet, header row, and which column is what, beside the first rows of the file. */
export function MappingStep({ item }: { item: Import }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const choose = useChoose(item.id);
  const [mapping, setMapping] = useState<Mapping>({ ...NOTHING, ...item.mapping });
  const [tried, setTried] = useState(false);
  const busy = item.state === "analysing" || choose.isPending;
  const refused = fieldErrorsOf(choose.error);
  const otherProblem = choose.error && !refused.sheet && !refused.header_row && !refused.mapping;
  const errors: Partial<Record<ColumnRole, string>> = {
    username: tried && mapping.username === null ? t("imports.username_missing") : undefined,
    name: mapping.name !== null && mapping.name === mapping.username ? t("imports.same_column") : undefined,
    phone: undefined,
  };

  function toReport() {
    setTried(true);
    if (mapping.username === null || mapping.name === mapping.username) return;
    const go = () =>
      void navigate({ to: "/imports/$id", params: { id: item.id }, search: { step: "report" } });
    const same = ROLES.every((role) => mapping[role] === (item.mapping?.[role] ?? null));
    if (same) go();
    else choose.mutateAsync({ mapping }).then(go, () => undefined);
  }

  return (
    <div className="grid gap-4">
      {busy && <ReadingAgain item={item} />}
      <fieldset disabled={busy} className={cn("grid gap-4", busy && "opacity-60")}>
        <legend className="sr-only">{t("imports.steps.mapping")}</legend>
        <Card className="grid gap-4 p-4 sm:p-5">
          <SheetChoice
            item={item}
            busy={busy}
            errors={refused}
            onChoose={(choice) => choose.mutate(choice)}
          />
          <div className="grid items-start gap-4 sm:grid-cols-3">
            {ROLES.map((role) => (
              <ColumnSelect
                key={role}
                label={t(`imports.role.${role}`)}
                required={role === "username"}
                item={item}
                guess={item.detected?.[role]}
                value={mapping[role]}
                error={errors[role]}
                onChange={(column) => setMapping({ ...mapping, [role]: column })}
              />
            ))}
          </div>
          <FormError>{refused.mapping ?? (otherProblem ? problemText(choose.error) : null)}</FormError>
        </Card>
        <PreviewTable
          columns={item.columns}
          rows={item.preview_rows}
          nameOf={(index) => {
            const role = ROLES.find((name) => mapping[name] === index);
            return role && t(`imports.role.${role}`);
          }}
        />
        <div className="flex justify-end">
          <Button variant="primary" size="lg" onClick={toReport} busy={choose.isPending}>
            {t("imports.to_report")}
            <ArrowRight aria-hidden />
          </Button>
        </div>
      </fieldset>
    </div>
  );
}

/** Over the columns of a file that is being read again. */
export function ReadingAgain({ item }: { item: AnyImport }) {
  const { t } = useTranslation();
  return (
    <Card className="p-4">
      <ProgressBar
        label={t("imports.phase.reading")}
        done={item.progress?.rows_done ?? 0}
        total={item.progress?.rows_total ?? null}
        rate={item.progress?.rate}
        etaSeconds={item.progress?.eta_seconds}
      />
    </Card>
  );
}

/** Which sheet, and where the header stands; a change has the file read again. */
export function SheetChoice({
  item,
  busy,
  errors,
  onChoose,
}: {
  item: AnyImport;
  busy: boolean;
  errors: Record<string, string | undefined>;
  onChoose: (choice: SheetWanted) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [header, setHeader] = useState(item.header_row === null ? "" : String(item.header_row));
  const changed = /^\d{1,6}$/.test(header) && Number(header) !== item.header_row;
  return (
    <div className="grid items-start gap-4 sm:grid-cols-3">
      {item.sheets.length > 1 && (
        <Field label={t("imports.sheet")} error={errors.sheet}>
          <NativeSelect
            value={item.sheet ?? ""}
            onChange={(event) => onChoose({ sheet: event.target.value })}
          >
            {item.sheets.map((sheet) => (
              <option key={sheet.name} value={sheet.name}>
                {sheet.name}
                {sheet.rows !== null && ` (${format.number(sheet.rows)})`}
                {sheet.hidden && ` · ${t("imports.hidden_sheet")}`}
              </option>
            ))}
          </NativeSelect>
        </Field>
      )}
      <form
        className="flex items-start gap-2"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (changed) onChoose({ header_row: Number(header) });
        }}
      >
        <Field
          className="flex-1"
          label={t("imports.header_row")}
          hint={t("imports.header_row_hint")}
          error={errors.header_row}
        >
          <Input
            inputMode="numeric"
            className="tabular"
            autoComplete="off"
            value={header}
            onChange={(event) => setHeader(event.target.value)}
          />
        </Field>
        <Button type="submit" className="mt-[1.7rem]" disabled={!changed || busy}>
          {t("imports.read_again")}
        </Button>
      </form>
    </div>
  );
}

/** Which column of the file is something, beside what the server takes it to be. */
export function ColumnSelect({
  label,
  required,
  item,
  guess,
  value,
  error,
  onChange,
}: {
  label: string;
  required: boolean;
  item: AnyImport;
  guess: Schemas["DetectedColumn"] | undefined;
  value: number | null;
  error: string | undefined;
  onChange: (column: number | null) => void;
}) {
  const { t } = useTranslation();
  const percent = guess?.column != null ? Math.round(guess.confidence * 100) : null;
  const hint =
    percent === null || guess?.column == null
      ? t("imports.not_detected")
      : guess.confidence >= CONFIDENT
        ? t("imports.detected", { column: item.columns[guess.column] ?? "", percent })
        : t("imports.suggested", { column: item.columns[guess.column] ?? "", percent });
  return (
    <Field label={label} optional={required ? undefined : t("common.optional")} hint={hint} error={error}>
      <NativeSelect
        value={value === null ? "" : String(value)}
        onChange={(event) => onChange(event.target.value === "" ? null : Number(event.target.value))}
      >
        <option value="">{required ? t("imports.choose_column") : t("imports.no_column")}</option>
        {item.columns.map((column, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a column is its position
          <option key={index} value={index}>
            {column || t("imports.column_number", { number: index + 1 })}
          </option>
        ))}
      </NativeSelect>
    </Field>
  );
}
