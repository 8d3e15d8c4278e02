import type { UseMutationResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, CircleAlert, CircleCheck, CircleSlash, Download, Undo2, Upload } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, toast, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/field";
import { Card } from "@/components/ui/surface";
import { POOLS } from "@/features/pools";
import { rejectedUrl, useChoose, useUndoImport } from "./api";
import { RecordEquation } from "./equation-view";
import { useImportErrorText } from "./import-error";
import { SheetChoice } from "./mapping-step";
import type { AnyImport, Import, SheetWanted } from "./types";

export function UploadAnother({ item }: { item: Import }) {
  const { t } = useTranslation();
  return (
    <Button asChild>
      <Link to="/imports/new" search={{ module: item.module, product_id: item.product_id }}>
        <Upload aria-hidden />
        {t("imports.another")}
      </Link>
    </Button>
  );
}

/** Step 4, done: what became of every row, the database, the rows that were left out, and the way back. */
export function ResultStep({ item }: { item: Import }) {
  const { t } = useTranslation();
  const format = useFormat();
  const undo = useUndoImport(item.id, () => toast.success(t("imports.undo.done")));
  const result = item.result;
  if (!result) return null;
  const leftOut = result.rows_total - result.stored;
  return (
    <div className="grid gap-4">
      <p role="status" className="flex items-center gap-2 font-medium">
        <CircleCheck className="size-5 text-success" aria-hidden />
        {t("imports.done", {
          count: result.stored,
          formatted: format.number(result.stored),
          name: item.name ?? "",
        })}
      </p>
      <RecordEquation parts={result} label={t("imports.eq.result")} planned={false} />
      {result.reserved_stored > 0 && (
        <p className="text-muted text-sm">
          {t("imports.reserved_stored", {
            count: result.reserved_stored,
            formatted: format.number(result.reserved_stored),
          })}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        {item.database_id && (
          <Button asChild variant="primary">
            <Link to={`${POOLS[item.module].path}/$id`} params={{ id: item.database_id }}>
              {t("imports.open_database")}
              <ArrowRight aria-hidden />
            </Link>
          </Button>
        )}
        <LeftOutFiles count={leftOut} url={(kind) => rejectedUrl(item.id, kind)} />
        <UploadAnother item={item} />
        <UndoButton
          item={item}
          undo={undo}
          consequence={t("imports.undo.consequence", {
            count: result.stored,
            formatted: format.number(result.stored),
            name: item.name ?? "",
          })}
        />
      </div>
      {item.can_undo && item.undo_until && (
        <p className="text-muted text-xs">
          {t("imports.undo.until", { date: format.dateTime(item.undo_until) })}
        </p>
      )}
    </div>
  );
}

/** The rows that were left out, as files. */
export function LeftOutFiles({ count, url }: { count: number; url: (kind: "xlsx" | "csv") => string }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (count === 0) return null;
  return (
    <>
      <Button asChild>
        <a href={url("xlsx")} download>
          <Download aria-hidden />
          {t("imports.rejected_xlsx", { count, formatted: format.number(count) })}
        </a>
      </Button>
      <Button asChild>
        <a href={url("csv")} download>
          <Download aria-hidden />
          {t("imports.rejected_csv")}
        </a>
      </Button>
    </>
  );
}

/** The way back, while there is one. */
export function UndoButton<T extends AnyImport>({
  item,
  undo,
  consequence,
}: {
  item: T;
  undo: UseMutationResult<T, unknown, undefined>;
  consequence: string;
}) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <>
      {item.can_undo && (
        <Button className="text-danger" onClick={() => setAsking(true)}>
          <Undo2 aria-hidden />
          {t("imports.undo.open")}
        </Button>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={(open) => {
          setAsking(open);
          if (!open) undo.reset();
        }}
        title={t("imports.undo.title")}
        consequence={consequence}
        confirmLabel={t("imports.undo.confirm")}
        busy={undo.isPending}
        error={undo.error}
        onConfirm={() => undo.mutate(undefined)}
      />
    </>
  );
}

/** Nothing of this import is left, by somebody's wish. */
export function GonePanel({ item, another }: { item: AnyImport; another: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Card className="grid max-w-2xl gap-3 p-4 sm:p-5">
      <p role="status" className="flex items-center gap-2 font-medium">
        <CircleSlash className="size-5 text-muted" aria-hidden />
        {item.state === "undone" ? t("imports.was_undone") : t("imports.was_cancelled")}
      </p>
      <p className="text-muted text-sm">{t("imports.nothing_stored")}</p>
      <div>{another}</div>
    </Card>
  );
}

/** A failed import of records. */
export function FailedImport({ item }: { item: Import }) {
  const choose = useChoose(item.id);
  return (
    <FailedPanel
      item={item}
      isReadable={!item.database_id}
      choose={choose}
      another={<UploadAnother item={item} />}
    />
  );
}

const FIELDS = ["file", "sheet", "header_row", "mapping"] as const;

/** Why the file could not be imported, which part of it is at fault, and what can be done about it. */
export function FailedPanel<T extends AnyImport>({
  item,
  isReadable,
  choose,
  another,
}: {
  item: T;
  /** Whether another sheet or header may help: it failed while it was read. */
  isReadable: boolean;
  choose: UseMutationResult<T, unknown, SheetWanted>;
  another: ReactNode;
}) {
  const { t } = useTranslation();
  const errorText = useImportErrorText();
  const problemText = useProblemText();
  const field = FIELDS.find((name) => name === item.error?.field?.split(".")[0]);
  const mayChoose = (item.sheets.length > 1 || field === "sheet" || field === "header_row") && isReadable;
  return (
    <Card className="grid max-w-2xl gap-4 p-4 sm:p-5">
      <div role="alert" className="flex items-start gap-2">
        <CircleAlert className="mt-0.5 size-5 shrink-0 text-danger" aria-hidden />
        <div>
          <p className="font-medium">{t("imports.failed")}</p>
          {item.error && (
            <p className="text-sm">
              {field && <span className="font-medium">{t(`imports.field.${field}`)}: </span>}
              {errorText.ofImport(item.error)}
            </p>
          )}
          <p className="pt-1 text-muted text-sm">{t("imports.nothing_stored")}</p>
        </div>
      </div>
      {mayChoose && (
        <SheetChoice
          item={item}
          busy={choose.isPending}
          errors={{}}
          onChoose={(choice) => choose.mutate(choice)}
        />
      )}
      <FormError>{choose.error ? problemText(choose.error) : null}</FormError>
      <div>{another}</div>
    </Card>
  );
}
