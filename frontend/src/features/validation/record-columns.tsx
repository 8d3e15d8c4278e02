import type { TFunction } from "i18next";
import type { useFormat } from "@/api/server-time";
import { columnHelper, PhoneCell } from "@/components/data-table";
import { POOLS, VerdictBadge } from "@/features/pools";
import type { ArchivedRecord, InvalidRecord } from "./types";

type Format = ReturnType<typeof useFormat>;

function customer<T extends InvalidRecord>(t: TFunction) {
  return columnHelper<T>()("customer", {
    label: t("validation.customer"),
    card: "title",
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
  });
}

/** Why, and what the staff wrote about it. */
function reason<T extends InvalidRecord>(t: TFunction) {
  return columnHelper<T>()("reason", {
    label: t("validation.reason"),
    className: "max-w-64",
    cell: (row) => (
      <span className="grid justify-items-start gap-0.5">
        <VerdictBadge record={row} />
        {row.validation_note && (
          <span className="line-clamp-2 break-words text-muted text-xs">{row.validation_note}</span>
        )}
      </span>
    ),
  });
}

/** Columns of what a staff has rejected. */
export function invalidColumns(t: TFunction, format: Format) {
  const column = columnHelper<InvalidRecord>();
  return [
    customer<InvalidRecord>(t),
    reason<InvalidRecord>(t),
    column("database", {
      label: t("validation.database"),
      cell: (row) => <span className="break-words">{row.database_name}</span>,
    }),
    column("phone", { label: t("validation.phone"), cell: (row) => <PhoneCell phone={row.phone_e164} /> }),
    column("assigned_at", {
      label: t("validation.assigned_at"),
      className: "whitespace-nowrap",
      cell: (row) => (row.assigned_at ? format.dateTime(row.assigned_at) : "–"),
    }),
  ];
}

/** Columns of the archive: who had rejected it, and which customer came in its place. */
export function archiveColumns(t: TFunction, format: Format) {
  const column = columnHelper<ArchivedRecord>();
  return [
    customer<ArchivedRecord>(t),
    reason<ArchivedRecord>(t),
    column("staff", { label: t("validation.staff"), cell: (row) => row.assigned_to_name ?? "–" }),
    column("replaced_by", {
      label: t("validation.replaced_by"),
      cell: (row) =>
        row.replaced_by_customer ? (
          <span className="break-all">{row.replaced_by_customer}</span>
        ) : (
          <span className="text-muted">{t("validation.not_replaced")}</span>
        ),
    }),
    column("database", {
      label: t("validation.database"),
      cell: (row) => (
        <span className="grid">
          <span className="break-words">{row.database_name}</span>
          <span className="text-muted text-xs">{t(POOLS[row.module].title)}</span>
        </span>
      ),
    }),
    column("archived_at", {
      label: t("validation.archived_at"),
      className: "whitespace-nowrap",
      cell: (row) =>
        row.archived_at ? (
          <time dateTime={row.archived_at} title={format.dateTime(row.archived_at)}>
            {format.relative(row.archived_at)}
          </time>
        ) : (
          "–"
        ),
    }),
  ];
}
