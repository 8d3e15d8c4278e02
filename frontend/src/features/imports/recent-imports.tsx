import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import {
  CircleAlert,
  CircleCheck,
  CircleSlash,
  ClipboardCheck,
  FileClock,
  Loader,
  type LucideIcon,
  Undo2,
  Upload,
} from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { columnHelper, DataTable } from "@/components/data-table";
import { StatusBadge, type Tone } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import type { Module } from "@/features/pools";
import { useTableSearch } from "@/lib/table-search";
import { recentDepositImportsOptions, recentImportsOptions } from "./api";
import type { AnyImport, DepositImport, Import, ImportState } from "./types";

const LOOKS: Record<ImportState, { icon: LucideIcon; tone: Tone }> = {
  analysing: { icon: Loader, tone: "info" },
  ready: { icon: ClipboardCheck, tone: "accent" },
  importing: { icon: Loader, tone: "info" },
  done: { icon: CircleCheck, tone: "success" },
  failed: { icon: CircleAlert, tone: "danger" },
  cancelled: { icon: CircleSlash, tone: "neutral" },
  undone: { icon: Undo2, tone: "neutral" },
};

/** Uploads of one module, newest first: the way back to one that runs or waits for its confirmation. */
export function RecentImports({ module }: { module: Module }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const search = useTableSearch();
  const query = useQuery(recentImportsOptions(module, search.values.cursor));
  const columns = useMemo(() => recordColumns(t, format), [t, format]);
  return (
    <DataTable
      id="imports"
      label={t("imports.recent")}
      columns={columns}
      query={query}
      search={search}
      getRowId={(item) => item.id}
      empty={{
        icon: FileClock,
        title: t("imports.none"),
        description: t("imports.none_hint"),
        action: (
          <Button asChild>
            <Link to="/imports/new" search={{ module }}>
              <Upload aria-hidden />
              {t("pools.upload")}
            </Link>
          </Button>
        ),
      }}
      onOpen={(item) => void navigate({ to: "/imports/$id", params: { id: item.id } })}
    />
  );
}

/** Uploads of deposits, newest first. */
export function RecentDepositImports({ search }: { search: ReturnType<typeof useTableSearch> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const query = useQuery(recentDepositImportsOptions(search.values.cursor));
  const columns = useMemo(() => {
    const column = columnHelper<DepositImport>();
    const booked = column("booked", {
      label: t("imports.deposits.eq.booked"),
      align: "end",
      cell: (item) =>
        item.result ? format.number(item.result.approved) : <span className="text-muted">–</span>,
    });
    return importColumns<DepositImport>(t, format, "/omset/import/$id", [booked]);
  }, [t, format]);
  return (
    <DataTable
      id="deposit-imports"
      label={t("imports.recent")}
      columns={columns}
      query={query}
      search={search}
      getRowId={(item) => item.id}
      empty={{ icon: FileClock, title: t("imports.none"), description: t("imports.none_hint") }}
      onOpen={(item) => void navigate({ to: "/omset/import/$id", params: { id: item.id } })}
    />
  );
}

function recordColumns(t: TFunction, format: ReturnType<typeof useFormat>) {
  const column = columnHelper<Import>();
  return importColumns<Import>(t, format, "/imports/$id", [
    column("product", { label: t("imports.product"), cell: (item) => item.product_name }),
    column("stored", {
      label: t("imports.eq.stored"),
      align: "end",
      cell: (item) =>
        item.result ? format.number(item.result.stored) : <span className="text-muted">–</span>,
    }),
  ]);
}

function importColumns<T extends AnyImport>(
  t: TFunction,
  format: ReturnType<typeof useFormat>,
  to: "/imports/$id" | "/omset/import/$id",
  own: ReturnType<ReturnType<typeof columnHelper<T>>>[],
) {
  const column = columnHelper<T>();
  return [
    column("filename", {
      label: t("imports.file"),
      card: "title",
      hideable: false,
      className: "min-w-48",
      cell: (item) => (
        <span className="grid">
          <Link
            to={to}
            params={{ id: item.id }}
            className="break-all font-medium underline-offset-4 hover:underline"
            tabIndex={-1}
          >
            {item.filename}
          </Link>
          <span className="tabular text-muted text-xs">{format.bytes(item.size_bytes)}</span>
        </span>
      ),
    }),
    column("state", {
      label: t("imports.state_label"),
      cell: (item) => (
        <span className="inline-flex items-center gap-2">
          <StatusBadge {...LOOKS[item.state]} label={t(`imports.state.${item.state}`)} />
          {item.progress?.rows_total ? (
            <span className="tabular text-muted text-xs">
              {Math.floor((item.progress.rows_done / item.progress.rows_total) * 100)}%
            </span>
          ) : null}
        </span>
      ),
    }),
    ...own,
    column("created_at", {
      label: t("imports.created_at"),
      className: "whitespace-nowrap",
      cell: (item) => (
        <span className="grid">
          <time dateTime={item.created_at} title={format.dateTime(item.created_at)}>
            {format.relative(item.created_at)}
          </time>
          <span className="text-muted text-xs">{item.created_by_name}</span>
        </span>
      ),
    }),
  ];
}
