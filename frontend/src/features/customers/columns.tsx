import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import type { useFormat } from "@/api/server-time";
import { columnHelper, PhoneCell } from "@/components/data-table";
import { POOLS } from "@/features/pools";
import type { HeldRecord } from "./api";

const column = columnHelper<HeldRecord>();
/** Columns of the file that are shown at first; the rest waits in the column menu. */
const SHOWN_AT_FIRST = 5;

const customer = (t: TFunction) =>
  column("customer", {
    label: t("customers.customer"),
    card: "title",
    hideable: false,
    className: "min-w-40",
    cell: (record) => (
      <span className="grid">
        <span data-testid="customer" className="break-all font-medium">
          {record.customer_id}
        </span>
        {record.display_name && <span className="break-words text-muted text-xs">{record.display_name}</span>}
      </span>
    ),
  });

const phone = (t: TFunction) =>
  column("phone", { label: t("customers.phone"), cell: (record) => <PhoneCell phone={record.phone_e164} /> });

const assignedAt = (t: TFunction, format: ReturnType<typeof useFormat>) =>
  column("assigned_at", {
    label: t("customers.assigned_at"),
    className: "whitespace-nowrap",
    cell: (record) =>
      record.assigned_at ? (
        <time dateTime={record.assigned_at} title={format.dateTime(record.assigned_at)}>
          {format.relative(record.assigned_at)}
        </time>
      ) : (
        "–"
      ),
  });

/**
 * The file's columns beside those that are shown as customer and phone already. Within one group every record has the
 * same columns; across groups they would not line up.
 */
export function otherFields(rows: readonly HeldRecord[]): string[] {
  const digits = (text: string | null | undefined) => (text ?? "").replace(/\D/g, "").slice(-8);
  const repeats = (record: HeldRecord, value: string) =>
    value === "" ||
    value === record.customer_id ||
    value === record.display_name ||
    (record.phone_e164 != null && digits(value) === digits(record.phone_e164));
  return Object.keys(rows[0]?.row_data ?? {}).filter(
    (name) => !rows.every((record) => repeats(record, record.row_data[name]?.trim() ?? "")),
  );
}

/** For the holder: whom to call, and with `fields` what the file says about them. */
export function myColumns(t: TFunction, format: ReturnType<typeof useFormat>, fields: readonly string[]) {
  return [
    customer(t),
    phone(t),
    ...fields.map((name, index) =>
      column(`data:${name}`, {
        label: name,
        className: "max-w-56",
        startsHidden: index >= SHOWN_AT_FIRST,
        cell: (record) => (
          <span className="block truncate" title={record.row_data[name]}>
            {record.row_data[name] || <span className="text-muted">–</span>}
          </span>
        ),
      }),
    ),
    ...(fields.length === 0
      ? [
          column("database", {
            label: t("customers.database"),
            cell: (record) => record.database_name ?? "–",
          }),
        ]
      : []),
    assignedAt(t, format),
  ];
}

/** For admins: who holds whom, and out of which database. */
export function assignmentColumns(t: TFunction, format: ReturnType<typeof useFormat>) {
  return [
    customer(t),
    phone(t),
    column("holder", { label: t("customers.holder"), cell: (record) => record.assigned_to_name ?? "–" }),
    column("database", {
      label: t("customers.database"),
      cell: (record) =>
        record.module && record.database_id ? (
          <Link
            to={`${POOLS[record.module].path}/$id`}
            params={{ id: record.database_id }}
            className="underline-offset-4 hover:underline"
            tabIndex={-1}
          >
            {record.database_name}
          </Link>
        ) : (
          (record.database_name ?? "–")
        ),
    }),
    column("module", {
      label: t("customers.module"),
      cell: (record) => (record.module ? t(POOLS[record.module].title) : "–"),
    }),
    assignedAt(t, format),
  ];
}
