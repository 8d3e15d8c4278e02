import { CopyCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { StatusBadge } from "@/components/feedback";
import { Checkbox } from "@/components/ui/checkbox";
import { type CheckedRow, canBook } from "./paste-checked";
import { PreviewFacts } from "./preview-line";

/** The pasted rows as they would be booked; those that look like another are left out until they are ticked. */
export function PastedRows({
  checked,
  isTicked,
  onTick,
}: {
  checked: readonly CheckedRow[];
  isTicked: (entry: CheckedRow) => boolean;
  onTick: (line: number, on: boolean) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ul aria-label={t("deposits.paste.checked")} className="divide-y rounded-md border border-border text-sm">
      {checked.map((entry) => {
        const { row, preview } = entry;
        const faulty = row.faults.length > 0;
        return (
          <li key={row.line} className="flex items-start gap-3 px-3 py-2" data-testid="pasted">
            <Checkbox
              className="mt-0.5"
              checked={isTicked(entry)}
              disabled={!canBook(entry)}
              onCheckedChange={(on) => onTick(row.line, on === true)}
              aria-label={t("deposits.paste.include", { line: row.line })}
            />
            <span className="tabular w-6 shrink-0 pt-px text-right text-muted text-xs">{row.line}</span>
            <div className="grid min-w-0 flex-1 gap-1">
              <div className="flex flex-wrap justify-between gap-x-3">
                <span className="min-w-0 break-words">
                  <span className="font-medium">{row.customer_id || "–"}</span>
                  {row.customer_name && <span className="text-muted"> {row.customer_name}</span>}
                </span>
                <span className="tabular whitespace-nowrap">
                  {row.faults.includes("nominal") ? row.nominal_text || "–" : format.number(row.nominal)}
                  {row.depo_kelipatan !== 1 && !row.faults.includes("depo_kelipatan") && (
                    <span className="text-muted"> ×{format.number(row.depo_kelipatan)}</span>
                  )}
                </span>
              </div>
              {row.keterangan && <span className="break-words text-muted text-xs">{row.keterangan}</span>}
              <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
                {faulty && (
                  <span className="flex items-start gap-1.5 text-danger">
                    <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
                    {row.faults.map((field) => t(`deposits.fault.${field}`)).join(" ")}
                  </span>
                )}
                {preview && <PreviewFacts preview={preview} />}
                {!faulty && !preview && <span className="text-muted">{t("deposits.entry.checking")}</span>}
                {row.repeats && (
                  <StatusBadge icon={CopyCheck} tone="warning" label={t("deposits.paste.repeats")} />
                )}
              </div>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
