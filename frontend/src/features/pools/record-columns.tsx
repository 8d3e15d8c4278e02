import type { TFunction } from "i18next";
import type { useFormat } from "@/api/server-time";
import { columnHelper, PhoneCell } from "@/components/data-table";
import { RecordStatusBadge } from "./record-status";
import type { PoolDatabaseDetail, PoolRecord } from "./types";
import { VerdictBadge } from "./verdict-badge";

/** Columns of the file that are shown at first; the rest waits in the column menu. */
const SHOWN_AT_FIRST = 6;

/** Columns of the records: what the desk knows of them, then the file's own columns as they came (spec 2.2). */
export function recordColumns(
  t: TFunction,
  format: ReturnType<typeof useFormat>,
  database: Pick<PoolDatabaseDetail, "columns" | "mapping"> | undefined,
) {
  const column = columnHelper<PoolRecord>();
  return [
    column("row_number", {
      label: t("pools.record.row"),
      align: "end",
      sort: "row_number",
      className: "w-16 text-muted",
      cell: (row) => (row.row_number == null ? "–" : format.number(row.row_number)),
    }),
    column("customer", {
      label: t("pools.record.customer"),
      hideable: false,
      className: "min-w-40",
      cell: (row) => (
        <span className="grid">
          <span data-testid="customer" className="break-all font-medium">
            {row.customer_id}
          </span>
          {row.display_name && <span className="break-words text-muted text-xs">{row.display_name}</span>}
        </span>
      ),
    }),
    column("status", { label: t("pools.record.status"), cell: (row) => <RecordStatusBadge record={row} /> }),
    column("validation", {
      label: t("customers.verdict.title"),
      cell: (row) =>
        row.validation_status ? <VerdictBadge record={row} /> : <span className="text-muted">–</span>,
    }),
    column("holder", {
      label: t("pools.record.holder"),
      cell: (row) =>
        row.assigned_to_name ??
        (row.reserved_by_name ? t("pools.record.reserved_by", { name: row.reserved_by_name }) : "–"),
    }),
    column("phone", { label: t("pools.record.phone"), cell: (row) => <PhoneCell phone={row.phone_e164} /> }),
    column("whatsapp", {
      label: t("customers.whatsapp.title"),
      startsHidden: true,
      cell: (row) => t(`customers.whatsapp.${row.whatsapp_status ?? "none"}`),
    }),
    column("respond", {
      label: t("customers.respond.title"),
      startsHidden: true,
      cell: (row) => t(`customers.respond.${row.respond_status ?? "none"}`),
    }),
    column("assigned_at", {
      label: t("pools.record.assigned_at"),
      startsHidden: true,
      className: "whitespace-nowrap",
      cell: (row) => (row.assigned_at ? format.dateTime(row.assigned_at) : "–"),
    }),
    ...(database?.columns ?? []).map((name, index) =>
      column(`data:${name}`, {
        label: name || t("pools.record.column", { number: index + 1 }),
        className: "max-w-64",
        startsHidden: index >= SHOWN_AT_FIRST || isShownAlready(database, index),
        cell: (row) => (
          <span className="block truncate" title={row.row_data[name]}>
            {row.row_data[name] || <span className="text-muted">–</span>}
          </span>
        ),
      }),
    ),
  ];
}

/** Username and name stand in the customer column, the phone in its own. */
function isShownAlready(database: Pick<PoolDatabaseDetail, "mapping"> | undefined, index: number): boolean {
  const mapping = database?.mapping;
  return mapping !== undefined && [mapping.username, mapping.name, mapping.phone].includes(index);
}
