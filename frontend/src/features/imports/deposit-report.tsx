import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowLeft, ArrowRight, Check, CircleCheck, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/schema";
import { useFormat } from "@/api/server-time";
import { ErrorState, toast, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/field";
import { Card } from "@/components/ui/surface";
import { useCodeText } from "@/lib/code-text";
import { rejectedDepositsUrl, useCommitDeposits, useUndoDeposits } from "./api";
import { EquationView } from "./equation-view";
import { LeftOutFiles, UndoButton } from "./outcome";
import { ReportDetail, ReportFact } from "./report-facts";
import { Choice } from "./report-step";
import type { DepositImportSearch } from "./search";
import type { DepositImport, DepositReport, DuplicateChoice } from "./types";

type Parts = Schemas["DepositResult"];

/** What a confirmation will do to the rows of the report: the same equation as the result's. */
export function plannedDeposits(report: DepositReport, duplicates: DuplicateChoice): Parts {
  const { rows_total, rejected, blank, approved, pending, duplicates_pending } = report;
  if (duplicates === "skip") {
    return { rows_total, rejected, blank, approved, pending, duplicates: report.duplicates };
  }
  return {
    rows_total,
    rejected,
    blank,
    approved: approved + report.duplicates - duplicates_pending,
    pending: pending + duplicates_pending,
    duplicates: 0,
  };
}

function DepositEquation({ parts, label }: { parts: Parts; label: string }) {
  const { t } = useTranslation();
  return (
    <EquationView
      label={label}
      total={parts.rows_total}
      terms={[
        { key: "approved", text: t("imports.deposits.eq.booked"), value: parts.approved, main: true },
        { key: "pending", text: t("imports.deposits.eq.pending"), value: parts.pending },
        { key: "duplicates", text: t("imports.deposits.eq.duplicates"), value: parts.duplicates },
        { key: "rejected", text: t("imports.eq.rejected"), value: parts.rejected },
        { key: "blank", text: t("imports.eq.blank"), value: parts.blank },
      ]}
    />
  );
}

/** Step 3: what would become of every row, before anything is written. */
export function DepositReportStep({ item, search }: { item: DepositImport; search: DepositImportSearch }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const commit = useCommitDeposits(item.id);
  const report = item.report;
  if (!report) return <ErrorState error={new Error("no report")} />;
  const duplicates = search.duplicates ?? "skip";
  const parts = plannedDeposits(report, duplicates);
  const wanted = parts.approved + parts.pending;
  const counted = { count: wanted, formatted: format.number(wanted) };
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        commit.mutate(duplicates);
      }}
    >
      {report.same_file && (
        <p
          role="status"
          className="flex items-start gap-2 rounded-md bg-warning-soft px-3 py-2 text-sm text-warning"
        >
          <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          {t("imports.deposits.same_file", {
            name: report.same_file.imported_by_name,
            date: format.dateTime(report.same_file.imported_at),
          })}
        </p>
      )}
      <DepositEquation parts={parts} label={t("imports.eq.planned")} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <DepositFacts report={report} />
        <Card className="grid gap-5 p-4 sm:p-5">
          <Choice
            legend={t("imports.deposits.choice", {
              count: report.duplicates,
              formatted: format.number(report.duplicates),
            })}
            value={duplicates}
            onChange={(value) =>
              void navigate({
                to: "/omset/import/$id",
                params: { id: item.id },
                search: { ...search, duplicates: value === "import" ? "import" : undefined },
                replace: true,
                resetScroll: false,
              })
            }
            options={[
              {
                value: "skip",
                label: t("imports.choice.skip_duplicates"),
                hint: t("imports.choice.skip_duplicates_hint"),
              },
              { value: "import", label: t("imports.deposits.book_duplicates") },
            ]}
          />
          <FormError>{commit.error ? problemText(commit.error) : null}</FormError>
          {wanted === 0 && <p className="text-sm text-warning">{t("imports.deposits.nothing_to_book")}</p>}
          <div className="flex flex-wrap justify-between gap-2">
            <Button asChild>
              <Link to="/omset/import/$id" params={{ id: item.id }}>
                <ArrowLeft aria-hidden />
                {t("imports.back_to_mapping")}
              </Link>
            </Button>
            <Button type="submit" variant="primary" busy={commit.isPending} disabled={wanted === 0}>
              <Check aria-hidden />
              {t("imports.deposits.commit", counted)}
            </Button>
          </div>
        </Card>
      </div>
    </form>
  );
}

function DepositFacts({ report }: { report: DepositReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  return (
    <Card className="p-4 sm:p-5">
      <h2 className="pb-2 font-medium text-sm">{t("imports.report.title")}</h2>
      <dl className="divide-y text-sm">
        <ReportFact label={t("imports.report.rows")} value={format.number(report.rows_total)} />
        <ReportFact label={t("imports.deposits.fact.pending")} value={format.number(report.pending)}>
          {report.reserved_by.map((owner) => (
            <ReportDetail key={owner.staff_id} label={owner.staff_name} value={format.number(owner.count)} />
          ))}
        </ReportFact>
        <ReportFact
          label={t("imports.deposits.fact.duplicates")}
          hint={t("imports.deposits.fact.duplicates_hint")}
          value={format.number(report.duplicates)}
        />
        <ReportFact label={t("imports.deposits.fact.rejected")} value={format.number(report.rejected)}>
          {report.rejected_reasons.map(({ reason, count }) => (
            <ReportDetail
              key={reason}
              label={codeText("imports.deposits.reason", reason, reason.replaceAll("_", " "))}
              value={format.number(count)}
            />
          ))}
        </ReportFact>
        <ReportFact label={t("imports.report.blank")} value={format.number(report.blank)} />
      </dl>
    </Card>
  );
}

/** Step 4, done: what became of every row, what waits, the rows that were left out, and the way back. */
export function DepositResultStep({ item, another }: { item: DepositImport; another: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  const undo = useUndoDeposits(item.id, () => toast.success(t("imports.undo.done")));
  const result = item.result;
  if (!result) return null;
  const booked = result.approved + result.pending;
  const counted = { count: booked, formatted: format.number(booked) };
  return (
    <div className="grid gap-4">
      <p role="status" className="flex items-center gap-2 font-medium">
        <CircleCheck className="size-5 text-success" aria-hidden />
        {t("imports.deposits.done", counted)}
      </p>
      <DepositEquation parts={result} label={t("imports.eq.result")} />
      <div className="flex flex-wrap gap-2">
        <Button asChild variant="primary">
          <Link to="/omset" search={{ tab: "ledger" }}>
            {t("imports.deposits.open_ledger")}
            <ArrowRight aria-hidden />
          </Link>
        </Button>
        {result.pending > 0 && (
          <Button asChild>
            <Link to="/omset/review">
              {t("imports.deposits.open_review", {
                count: result.pending,
                formatted: format.number(result.pending),
              })}
            </Link>
          </Button>
        )}
        <LeftOutFiles count={result.rows_total - booked} url={(kind) => rejectedDepositsUrl(item.id, kind)} />
        {another}
        <UndoButton item={item} undo={undo} consequence={t("imports.deposits.undo", counted)} />
      </div>
      {item.can_undo && item.undo_until && (
        <p className="text-muted text-xs">
          {t("imports.deposits.undo_until", { date: format.dateTime(item.undo_until) })}
        </p>
      )}
    </div>
  );
}
