import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { TriangleAlert } from "lucide-react";
import type { useFormat } from "@/api/server-time";
import { columnHelper } from "@/components/data-table";
import { StatusBadge } from "@/components/feedback";
import type { Pool } from "./descriptors";
import type { PoolDatabase } from "./types";

/** Columns of the list of databases; `trash` shows when a database was deleted instead of when it came. */
export function databaseColumns(
  t: TFunction,
  format: ReturnType<typeof useFormat>,
  pool: Pool,
  trash: boolean,
) {
  const column = columnHelper<PoolDatabase>();
  const count = (id: string, label: string, value: (row: PoolDatabase) => number, startsHidden = false) =>
    column(id, {
      label,
      align: "end",
      startsHidden,
      card: startsHidden ? "hidden" : "detail",
      cell: (row) => {
        const figure = value(row);
        return <span className={figure === 0 ? "text-muted" : undefined}>{format.number(figure)}</span>;
      },
    });
  return [
    column("name", {
      label: t("pools.name"),
      card: "title",
      hideable: false,
      className: "min-w-56",
      cell: (row) => (
        <span className="grid">
          <Link
            to={`${pool.path}/$id`}
            params={{ id: row.id }}
            className="break-words font-medium underline-offset-4 hover:underline"
            tabIndex={-1}
          >
            {row.name}
          </Link>
          <span className="break-all text-muted text-xs">{row.filename}</span>
        </span>
      ),
    }),
    column("product", { label: t("pools.product"), cell: (row) => row.product_name }),
    count("total", t("pools.counts.total"), (row) => row.total_records),
    count("available", t("pools.counts.available"), (row) => row.available_count),
    count("assigned", t("pools.counts.assigned"), (row) => row.assigned_count),
    count("requested", t("pools.counts.requested"), (row) => row.requested_count, !pool.requests),
    count("archived", t("pools.counts.archived"), (row) => row.archived_count),
    count("reserved", t("pools.counts.reserved"), (row) => row.excluded_count),
    column("conflicts", {
      label: t("pools.counts.conflicts"),
      align: "end",
      cell: (row) =>
        row.conflict_count > 0 ? (
          <StatusBadge icon={TriangleAlert} tone="warning" label={format.number(row.conflict_count)} />
        ) : (
          <span className="text-muted">0</span>
        ),
    }),
    trash
      ? column("deleted_at", {
          label: t("pools.deleted_at"),
          className: "whitespace-nowrap",
          cell: (row) => (row.deleted_at ? format.dateTime(row.deleted_at) : "–"),
        })
      : column("uploaded_at", {
          label: t("pools.uploaded_at"),
          className: "whitespace-nowrap",
          cell: (row) => (
            <span className="grid">
              <time dateTime={row.uploaded_at} title={format.dateTime(row.uploaded_at)}>
                {format.relative(row.uploaded_at)}
              </time>
              <span className="text-muted text-xs">{row.uploaded_by_name}</span>
            </span>
          ),
        }),
  ];
}
