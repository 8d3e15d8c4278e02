import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { Download, FileDown, RotateCcw, X } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { columnHelper, DataTable } from "@/components/data-table";
import { ProgressBar } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { useTableSearch } from "@/lib/table-search";
import { exportsOptions, isOpen, useCancelExport, useDownload, useRestartExport } from "./api";
import { ExportBadge } from "./export-state";
import type { ExportsSearch } from "./search";
import type { Export } from "./types";
import { useExportWords } from "./words";

/** Files that were asked for: how far they are, and to be fetched while they are kept (spec 5.5). */
export function ExportsPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useExportWords();
  const oversees = useCan()("exports.oversee");
  const search = useTableSearch<ExportsSearch>();
  const query = useQuery(exportsOptions(search.values));
  const columns = useMemo(() => exportColumns(t, format, words, oversees), [t, format, words, oversees]);
  return (
    <>
      <PageHeader
        title={t("exports.title")}
        description={t(oversees ? "exports.description" : "exports.own_description")}
      />
      <DataTable
        id="exports"
        label={t("exports.title")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(row) => row.id}
        empty={{ icon: FileDown, title: t("exports.empty"), description: t("exports.empty_hint") }}
        rowActions={(row) => <Actions item={row} />}
        card={(row) => <ExportCard item={row} withOwner={oversees} />}
      />
    </>
  );
}

function Actions({ item }: { item: Export }) {
  const { t } = useTranslation();
  const words = useExportWords();
  const cancel = useCancelExport();
  const restart = useRestartExport();
  const download = useDownload();
  const name = words.title(item);
  if (isOpen(item)) {
    return (
      <Button
        size="sm"
        busy={cancel.isPending}
        aria-label={t("exports.cancel_named", { name })}
        onClick={() => cancel.mutate(item.id)}
      >
        <X aria-hidden />
        {t("exports.cancel")}
      </Button>
    );
  }
  if (!item.is_own) return null;
  return item.state === "done" ? (
    <Button
      size="sm"
      busy={download.isPending}
      aria-label={t("exports.download_named", { name })}
      onClick={() => download.mutate(item.id)}
    >
      <Download aria-hidden />
      {t("exports.download")}
    </Button>
  ) : (
    <Button
      size="sm"
      busy={restart.isPending}
      aria-label={t("exports.restart_named", { name })}
      onClick={() => restart.mutate(item.id)}
    >
      <RotateCcw aria-hidden />
      {t("exports.restart")}
    </Button>
  );
}

function State({ item }: { item: Export }) {
  const words = useExportWords();
  const error = words.error(item);
  if (item.state === "running") {
    return (
      <div className="min-w-40">
        <ProgressBar label={words.title(item)} done={item.rows_done} total={item.rows_total ?? null} />
      </div>
    );
  }
  return (
    <span className="grid gap-0.5">
      <span>
        <ExportBadge state={item.state} />
      </span>
      {error && <span className="break-words text-danger text-xs">{error}</span>}
    </span>
  );
}

function ExportCard({ item, withOwner }: { item: Export; withOwner: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useExportWords();
  const facts = [
    withOwner && item.created_by_name,
    format.relative(item.created_at),
    item.state === "done" &&
      t("exports.rows", { count: item.rows_done, formatted: format.number(item.rows_done) }),
    item.state === "done" &&
      item.size_bytes !== undefined &&
      item.size_bytes !== null &&
      format.bytes(item.size_bytes),
  ];
  return (
    <div className="grid gap-1 text-sm">
      <p className="break-words font-medium">{words.title(item)}</p>
      <p className="text-muted">{facts.filter(Boolean).join(" · ")}</p>
      <State item={item} />
    </div>
  );
}

function exportColumns(
  t: TFunction,
  format: ReturnType<typeof useFormat>,
  words: ReturnType<typeof useExportWords>,
  withOwner: boolean,
) {
  const column = columnHelper<Export>();
  return [
    column("list", { label: t("exports.list"), card: "title", cell: (row) => words.title(row) }),
    ...(withOwner
      ? [column("owner", { label: t("exports.owner"), cell: (row) => row.created_by_name })]
      : []),
    column("state", { label: t("exports.state_label"), cell: (row) => <State item={row} /> }),
    column("rows", {
      label: t("exports.row_count"),
      align: "end",
      cell: (row) => (row.state === "queued" ? "–" : format.number(row.rows_done)),
    }),
    column("size", {
      label: t("exports.size"),
      align: "end",
      cell: (row) => (row.state === "done" && row.size_bytes != null ? format.bytes(row.size_bytes) : "–"),
    }),
    column("created", { label: t("exports.created"), cell: (row) => format.dateTime(row.created_at) }),
    column("expires", {
      label: t("exports.until"),
      cell: (row) => (row.state === "done" && row.expires_at ? format.relative(row.expires_at) : "–"),
    }),
  ];
}
