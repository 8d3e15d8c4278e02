import { type UseMutationResult, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, ErrorState, ProgressBar, StaleNote, toast } from "@/components/feedback";
import { PageHeader, RouteNotFound } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Card, Skeleton } from "@/components/ui/surface";
import { POOLS } from "@/features/pools";
import { useCodeText } from "@/lib/code-text";
import { importOptions, useCancel } from "./api";
import { MappingStep } from "./mapping-step";
import { FailedImport, GonePanel, ResultStep, UploadAnother } from "./outcome";
import { ReportStep } from "./report-step";
import type { ImportSearch } from "./search";
import { type Step, Stepper } from "./stepper";
import type { AnyImport, Import } from "./types";

/** Steps 2 to 4 of the wizard. The server's state decides what is on screen, so a reload shows the same. */
export function ImportPage({ id, search }: { id: string; search: ImportSearch }) {
  const { t } = useTranslation();
  const query = useQuery(importOptions(id));
  const navigate = useNavigate();
  const cancel = useCancel(id);
  return (
    <ImportFrame
      query={query}
      cancel={cancel}
      back={(item) => ({ to: POOLS[item.module].path, label: t(POOLS[item.module].title) })}
      subtitle={(item) => item.product_name}
      onReport={search.step === "report"}
      onCancelled={() => void navigate({ to: "/imports/$id", params: { id }, search: {}, replace: true })}
    >
      {(item, step) => <StepBody item={item} step={step} search={search} />}
    </ImportFrame>
  );
}

/** What every import's page has around its steps: what is imported, where one is, and the way to stop it. */
export function ImportFrame<T extends AnyImport & { database_id?: string | null }>({
  query,
  cancel,
  back,
  subtitle,
  onReport,
  onCancelled,
  children,
}: {
  query: UseQueryResult<T>;
  cancel: UseMutationResult<T, unknown, undefined>;
  back: (item: T) => { to: string; label: string };
  subtitle?: (item: T) => string;
  onReport: boolean;
  onCancelled: () => void;
  children: (item: T, step: Step) => ReactNode;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [cancelling, setCancelling] = useState(false);
  const item = query.data;

  if (query.isError && !item) {
    if (isProblem(query.error) && query.error.status === 404) return <RouteNotFound />;
    return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  }
  if (!item) {
    return (
      <div aria-busy className="grid gap-4">
        <Skeleton className="h-7 w-56" />
        <Skeleton className="h-4 w-80 max-w-full" />
        <Skeleton className="h-64" />
      </div>
    );
  }
  const mayCancel = ["analysing", "ready", "importing"].includes(item.state);
  const step = stepOf(item, onReport);
  const about = [item.filename, format.bytes(item.size_bytes), subtitle?.(item)];
  return (
    <>
      <PageHeader
        back={back(item)}
        title={t(subtitle ? "imports.title" : "imports.deposits.title")}
        description={<p className="break-all">{about.filter(Boolean).join(" · ")}</p>}
        actions={
          mayCancel && (
            <Button onClick={() => setCancelling(true)}>
              <X aria-hidden />
              {t("imports.cancel.open")}
            </Button>
          )
        }
      />
      <Stepper current={step} finished={item.state === "done"} />
      {query.isError && <StaleNote error={query.error} onRetry={() => query.refetch()} />}
      {children(item, step)}
      <CancelDialog
        item={item}
        cancel={cancel}
        onCancelled={onCancelled}
        open={cancelling && mayCancel}
        onOpenChange={setCancelling}
      />
    </>
  );
}

function stepOf(item: AnyImport & { database_id?: string | null }, onReport: boolean): Step {
  if (item.state === "importing" || item.state === "done" || item.state === "undone") return "import";
  if (item.state === "analysing" && item.columns.length === 0) return "file";
  if (item.state === "failed")
    return item.columns.length === 0 ? "file" : item.database_id ? "import" : "mapping";
  if (item.state === "cancelled") return "file";
  return onReport ? "report" : "mapping";
}

function StepBody({ item, step, search }: { item: Import; step: Step; search: ImportSearch }) {
  switch (item.state) {
    case "done":
      return <ResultStep item={item} />;
    case "undone":
    case "cancelled":
      return <GonePanel item={item} another={<UploadAnother item={item} />} />;
    case "failed":
      return <FailedImport item={item} />;
    case "importing":
      return <Working item={item} />;
    case "analysing":
      // Columns are known from the analysis before: keep them on screen while another choice is worked out.
      return item.columns.length > 0 && step === "mapping" ? (
        <MappingStep key={mappingKey(item)} item={item} />
      ) : (
        <Working item={item} />
      );
    case "ready":
      return step === "report" ? (
        <ReportStep item={item} search={search} />
      ) : (
        <MappingStep key={mappingKey(item)} item={item} />
      );
  }
}

/** Another sheet, header or analysis is another form. */
export function mappingKey(item: AnyImport & { mapping: unknown }): string {
  return JSON.stringify([item.sheet, item.header_row, item.columns, item.mapping]);
}

export function Working({ item, hint }: { item: AnyImport; hint?: string }) {
  const { t } = useTranslation();
  const codeText = useCodeText();
  const fallback = item.state === "importing" ? t("imports.phase.storing") : t("imports.phase.reading");
  return (
    <Card className="max-w-2xl p-4 sm:p-5">
      <ProgressBar
        label={codeText("imports.phase", item.progress?.phase ?? "waiting", fallback)}
        done={item.progress?.rows_done ?? 0}
        total={item.progress?.rows_total ?? null}
        rate={item.progress?.rate}
        etaSeconds={item.progress?.eta_seconds}
      />
      <p className="pt-3 text-muted text-sm">
        {item.state === "importing" ? (hint ?? t("imports.storing_hint")) : t("imports.reading_hint")}
      </p>
    </Card>
  );
}

function CancelDialog<T extends AnyImport>({
  item,
  cancel,
  onCancelled,
  open,
  onOpenChange,
}: {
  item: T;
  cancel: UseMutationResult<T, unknown, undefined>;
  onCancelled: () => void;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const { t } = useTranslation();
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => {
        onOpenChange(next);
        if (!next) cancel.reset();
      }}
      title={t("imports.cancel.title")}
      consequence={
        item.state === "importing" ? t("imports.cancel.while_storing") : t("imports.cancel.before")
      }
      confirmLabel={t("imports.cancel.confirm")}
      busy={cancel.isPending}
      error={cancel.error}
      onConfirm={() =>
        cancel.mutateAsync(undefined).then(
          () => {
            onOpenChange(false);
            toast.success(t("imports.cancel.done"));
            onCancelled();
          },
          () => undefined,
        )
      }
    />
  );
}
