import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { mayOpen, useCan, useMe } from "@/api/session";
import { useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { RadioGroup, RadioItem } from "@/components/ui/checkbox";
import { Dialog, DialogContent, DialogDescription, DialogFooter, DialogTitle } from "@/components/ui/dialog";
import { FormError } from "@/components/ui/field";
import { previewOptions, useOrderExport } from "./api";
import { followExport } from "./export-toast";
import type { ExportFilters, ExportFormat, ExportKind } from "./types";
import { useExportWords } from "./words";

const FORMATS: readonly ExportFormat[] = ["xlsx", "csv"];

type Wanted = {
  kind: ExportKind;
  /** The filters of the list as they are now: the file has what the list has, all pages of it. */
  filters: ExportFilters;
  /** Filters that say which list it is, and narrow nothing. */
  fixed?: ExportFilters;
  /** What should be known about this list before it is a file. */
  hint?: string;
};

/** What a list shows, as a file (spec 5.5): asks for the format, says how much it is, then writes it beside the work. */
export function ExportButton(wanted: Wanted) {
  const { t } = useTranslation();
  const me = useMe();
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can("exports.make") || !mayOpen(me, "exports")) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Download aria-hidden />
        {t("exports.open")}
      </Button>
      {open && <ExportDialog {...wanted} onClose={() => setOpen(false)} />}
    </>
  );
}

function ExportDialog({ kind, filters, fixed = {}, hint, onClose }: Wanted & { onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const numbers = useFormat();
  const problem = useProblemText();
  const words = useExportWords();
  const id = useId();
  const [format, setFormat] = useState<ExportFormat>("xlsx");
  const everything = { ...filters, ...fixed };
  const preview = useQuery(previewOptions(kind, everything));
  const order = useOrderExport();
  const narrowed = Object.values(filters).filter((value) => value !== undefined && value !== "").length;
  const rows = preview.data?.rows;
  const start = () =>
    order.mutate(
      { kind, format, language: i18n.language === "id" ? "id" : "en", filters: everything },
      {
        onSuccess: (item) => {
          onClose();
          followExport(item.id);
        },
      },
    );
  return (
    <Dialog open onOpenChange={(next) => !next && onClose()}>
      <DialogContent>
        <DialogTitle>{t("exports.dialog.title", { list: words.list(kind) })}</DialogTitle>
        <DialogDescription>
          {narrowed > 0 ? t("exports.dialog.filtered", { count: narrowed }) : t("exports.dialog.everything")}
        </DialogDescription>
        <dl className="flex items-baseline justify-between gap-3 rounded-md bg-surface-2 px-3 py-2 text-sm">
          <dt>{t("exports.dialog.rows")}</dt>
          <dd className="tabular font-medium" aria-live="polite">
            {preview.isPending
              ? t("exports.dialog.counting")
              : rows == null
                ? t("exports.dialog.uncounted")
                : numbers.number(rows)}
          </dd>
        </dl>
        {hint && <p className="text-muted text-sm">{hint}</p>}
        <fieldset>
          <legend className="mb-2 font-medium text-sm">{t("exports.dialog.format")}</legend>
          <RadioGroup value={format} onValueChange={(value) => setFormat(value as ExportFormat)}>
            {FORMATS.map((value) => (
              <div key={value} className="flex items-start gap-2 text-sm">
                <RadioItem id={`${id}-${value}`} value={value} className="mt-0.5" />
                <label htmlFor={`${id}-${value}`}>
                  {t(`exports.format.${value}`)}
                  <span className="block text-muted text-xs">{t(`exports.dialog.${value}_hint`)}</span>
                </label>
              </div>
            ))}
          </RadioGroup>
        </fieldset>
        <p className="text-muted text-xs">
          {t("exports.dialog.kept")}{" "}
          <Link to="/exports" className="text-accent-text underline">
            {t("exports.title")}
          </Link>
        </p>
        {(order.isError || preview.isError) && <FormError>{problem(order.error ?? preview.error)}</FormError>}
        <DialogFooter>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button variant="primary" busy={order.isPending} disabled={preview.isError} onClick={start}>
            {t("exports.dialog.start")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
