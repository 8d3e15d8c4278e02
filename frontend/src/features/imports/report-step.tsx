import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowLeft, Check, TriangleAlert } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrorsOf } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { ErrorState, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { RadioGroup, RadioItem } from "@/components/ui/checkbox";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Card } from "@/components/ui/surface";
import { POOLS } from "@/features/pools";
import { useCommit } from "./api";
import { planned } from "./equation";
import { RecordEquation } from "./equation-view";
import { ReportFacts } from "./report-facts";
import type { ImportSearch } from "./search";
import type { Import } from "./types";

const NAME_MAX = 200;

/** Step 3: what is in the file, before anything is written, and what shall become of it. */
export function ReportStep({ item, search }: { item: Import; search: ImportSearch }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const nameId = useId();
  const commit = useCommit(item.id);
  const [name, setName] = useState(() => item.name ?? item.filename.replace(/\.[a-z0-9]{1,5}$/i, ""));
  const [tried, setTried] = useState(false);
  const report = item.report;
  if (!report) return <ErrorState error={new Error("no report")} />;

  const duplicates = search.duplicates ?? "skip";
  const reserved = search.reserved ?? "store";
  const parts = planned(report, duplicates, reserved);
  const refused = fieldErrorsOf(commit.error);
  const nameError = tried && !name.trim() ? t("imports.name_missing") : refused.name;
  const set = (patch: ImportSearch) =>
    void navigate({
      to: "/imports/$id",
      params: { id: item.id },
      search: { ...search, ...patch },
      replace: true,
      resetScroll: false,
    });

  function submit() {
    setTried(true);
    if (!name.trim()) {
      document.getElementById(nameId)?.querySelector("input")?.focus();
      return;
    }
    commit.mutate({ name: name.trim(), duplicates, reserved });
  }

  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {report.same_file && (
        <div
          role="status"
          className="flex flex-wrap items-start gap-2 rounded-md bg-warning-soft px-3 py-2 text-sm text-warning"
        >
          <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          <p className="min-w-0 flex-1">
            {t("imports.same_file", {
              name: report.same_file.name,
              date: format.dateTime(report.same_file.uploaded_at),
            })}{" "}
            <Link
              to={`${POOLS[report.same_file.module].path}/$id`}
              params={{ id: report.same_file.database_id }}
              className="font-medium underline underline-offset-4"
            >
              {t("imports.open_database")}
            </Link>
          </p>
        </div>
      )}
      <RecordEquation parts={parts} label={t("imports.eq.planned")} planned />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <ReportFacts report={report} />
        <Card className="grid gap-5 p-4 sm:p-5">
          <Choice
            legend={t("imports.choice.duplicates", {
              count: report.duplicates_in_file + report.duplicates_in_product,
              formatted: format.number(report.duplicates_in_file + report.duplicates_in_product),
            })}
            value={duplicates}
            onChange={(value) => set({ duplicates: value === "import" ? "import" : undefined })}
            options={[
              {
                value: "skip",
                label: t("imports.choice.skip_duplicates"),
                hint: t("imports.choice.skip_duplicates_hint"),
              },
              { value: "import", label: t("imports.choice.import_duplicates") },
            ]}
          />
          <Choice
            legend={t("imports.choice.reserved", {
              count: report.reserved,
              formatted: format.number(report.reserved),
            })}
            value={reserved}
            onChange={(value) => set({ reserved: value === "skip" ? "skip" : undefined })}
            options={[
              {
                value: "store",
                label: t("imports.choice.store_reserved"),
                hint: t("imports.choice.store_reserved_hint"),
              },
              { value: "skip", label: t("imports.choice.skip_reserved") },
            ]}
          />
          <div id={nameId}>
            <Field label={t("imports.database_name")} error={nameError}>
              <Input
                autoComplete="off"
                maxLength={NAME_MAX}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            </Field>
          </div>
          <FormError>{commit.error && !refused.name ? problemText(commit.error) : null}</FormError>
          {parts.stored === 0 && <p className="text-sm text-warning">{t("imports.nothing_to_store")}</p>}
          <div className="flex flex-wrap justify-between gap-2">
            <Button asChild>
              <Link to="/imports/$id" params={{ id: item.id }}>
                <ArrowLeft aria-hidden />
                {t("imports.back_to_mapping")}
              </Link>
            </Button>
            <Button type="submit" variant="primary" busy={commit.isPending} disabled={parts.stored === 0}>
              <Check aria-hidden />
              {t("imports.commit", { count: parts.stored, formatted: format.number(parts.stored) })}
            </Button>
          </div>
        </Card>
      </div>
    </form>
  );
}

export function Choice({
  legend,
  value,
  onChange,
  options,
}: {
  legend: ReactNode;
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string; hint?: string }[];
}) {
  const id = useId();
  return (
    <fieldset className="grid gap-2">
      <legend className="pb-1 font-medium text-sm">{legend}</legend>
      <RadioGroup value={value} onValueChange={onChange}>
        {options.map((option) => (
          <div key={option.value} className="flex items-start gap-2 text-sm">
            <RadioItem id={`${id}-${option.value}`} value={option.value} className="mt-0.5" />
            <label htmlFor={`${id}-${option.value}`}>
              {option.label}
              {option.hint && <span className="block text-muted text-xs">{option.hint}</span>}
            </label>
          </div>
        ))}
      </RadioGroup>
    </fieldset>
  );
}
