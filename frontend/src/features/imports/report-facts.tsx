import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Card } from "@/components/ui/surface";
import { useCodeText } from "@/lib/code-text";
import type { Report } from "./types";

/** The report of an analysed file, figure by figure (spec 2.2). */
export function ReportFacts({ report }: { report: Report }) {
  const { t } = useTranslation();
  const codeText = useCodeText();
  const format = useFormat();
  const reason = (code: string) => codeText("imports.reason", code, code.replaceAll("_", " "));
  return (
    <Card className="p-4 sm:p-5">
      <h2 className="pb-2 font-medium text-sm">{t("imports.report.title")}</h2>
      <dl className="divide-y text-sm">
        <ReportFact label={t("imports.report.rows")} value={format.number(report.rows_total)} />
        <ReportFact label={t("imports.report.blank")} value={format.number(report.blank)} />
        <ReportFact
          label={t("imports.report.duplicates_in_file")}
          value={format.number(report.duplicates_in_file)}
        />
        <ReportFact
          label={t("imports.report.duplicates_in_product")}
          value={format.number(report.duplicates_in_product)}
        />
        <ReportFact label={t("imports.report.reserved")} value={format.number(report.reserved)}>
          {report.reserved_by.map((owner) => (
            <ReportDetail key={owner.staff_id} label={owner.staff_name} value={format.number(owner.count)} />
          ))}
        </ReportFact>
        <ReportFact label={t("imports.report.rejected")} value={format.number(report.rejected)}>
          {report.rejected_reasons.map((entry) => (
            <ReportDetail
              key={entry.reason}
              label={reason(entry.reason)}
              value={format.number(entry.count)}
            />
          ))}
        </ReportFact>
        <ReportFact
          label={t("imports.report.bad_phones")}
          hint={report.bad_phones > 0 ? t("imports.report.bad_phones_hint") : undefined}
          value={format.number(report.bad_phones)}
        />
      </dl>
    </Card>
  );
}

export function ReportFact({
  label,
  value,
  hint,
  children,
}: {
  label: string;
  value: string;
  hint?: string;
  children?: ReactNode;
}) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-3 py-1.5">
      <dt>
        {label}
        {hint && <span className="block text-muted text-xs">{hint}</span>}
      </dt>
      <dd className="tabular font-medium">{value}</dd>
      {children}
    </div>
  );
}

export function ReportDetail({ label, value }: { label: string; value: string }) {
  return (
    <dd className="col-span-2 flex items-baseline justify-between gap-3 pl-3 text-muted text-xs">
      <span className="min-w-0 break-words">{label}</span>
      <span className="tabular">{value}</span>
    </dd>
  );
}
