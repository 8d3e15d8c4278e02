import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { cn } from "@/lib/cn";
import type { Parts } from "./equation";

export type EquationTerm = { key: string; text: string; value: number; main?: boolean };

/** rows = the sum of the terms, as figures that a person can add up. */
export function EquationView({
  total,
  terms,
  label,
}: {
  total: number;
  terms: EquationTerm[];
  label: string;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <section aria-label={label} className="overflow-hidden rounded-lg border border-border bg-surface">
      <dl className="grid grid-cols-2 gap-px bg-border sm:grid-cols-3 lg:grid-cols-6">
        <Term sign="" text={t("imports.eq.rows")} value={format.number(total)} id="rows_total" />
        {terms.map((term, index) => (
          <Term
            key={term.key}
            id={term.key}
            sign={index === 0 ? "=" : "+"}
            text={term.text}
            value={format.number(term.value)}
            main={term.main}
            quiet={term.value === 0}
          />
        ))}
      </dl>
    </section>
  );
}

/** rows = stored + duplicates + reserved skipped + rejected + blank. */
export function RecordEquation({ parts, label, planned }: { parts: Parts; label: string; planned: boolean }) {
  const { t } = useTranslation();
  const terms = [
    {
      key: "stored",
      text: t(planned ? "imports.eq.to_store" : "imports.eq.stored"),
      value: parts.stored,
      main: true,
    },
    { key: "duplicates", text: t("imports.eq.duplicates"), value: parts.duplicates },
    { key: "reserved", text: t("imports.eq.reserved_skipped"), value: parts.reserved_skipped },
    { key: "rejected", text: t("imports.eq.rejected"), value: parts.rejected },
    { key: "blank", text: t("imports.eq.blank"), value: parts.blank },
  ];
  return <EquationView total={parts.rows_total} terms={terms} label={label} />;
}

function Term({
  id,
  sign,
  text,
  value,
  main,
  quiet,
}: {
  id: string;
  sign: string;
  text: string;
  value: string;
  main?: boolean;
  quiet?: boolean;
}) {
  return (
    <div className="bg-surface px-4 py-3">
      <dt className="text-muted text-xs">
        <span aria-hidden className="mr-1 inline-block w-2 font-semibold">
          {sign}
        </span>
        {text}
      </dt>
      <dd
        data-testid={`eq-${id}`}
        className={cn("tabular pl-3 font-semibold text-xl", main && "text-success", quiet && "text-muted")}
      >
        {value}
      </dd>
    </div>
  );
}
