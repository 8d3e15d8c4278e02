import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { StickyNote } from "lucide-react";
import type { useFormat } from "@/api/server-time";
import { columnHelper, PhoneCell } from "@/components/data-table";
import { StatusBadge } from "@/components/feedback";
import { POOLS } from "@/features/pools";
import { type Act, RespondToggle, VerdictToggle, WhatsappToggle } from "./mark-toggles";
import { ConflictBadge, NewBadge } from "./row-badges";
import type { HeldRecord } from "./types";

const column = columnHelper<HeldRecord>();
/** Columns of the file that are shown at first; the rest waits in the column menu. */
const SHOWN_AT_FIRST = 2;

type Format = ReturnType<typeof useFormat>;

const customer = (t: TFunction, isFresh: (id: string) => boolean) =>
  column("customer", {
    label: t("customers.customer"),
    card: "title",
    hideable: false,
    className: "min-w-36",
    cell: (record) => (
      <span className="grid">
        <span className="flex items-center gap-1.5">
          <span data-testid="customer" className="break-all font-medium">
            {record.customer_id}
          </span>
          {isFresh(record.id) && <NewBadge />}
          {record.is_reservation_conflict && <ConflictBadge />}
          {record.note_count > 0 && <NoteCount count={record.note_count} t={t} />}
        </span>
        {record.display_name && <span className="break-words text-muted text-xs">{record.display_name}</span>}
      </span>
    ),
  });

export function NoteCount({ count, t }: { count: number; t: TFunction }) {
  return (
    <span className="tabular inline-flex items-center gap-0.5 text-muted text-xs">
      <StickyNote className="size-3" aria-hidden />
      <span aria-hidden>{count}</span>
      <span className="sr-only">{t("customers.notes.count", { count })}</span>
    </span>
  );
}

const phone = (t: TFunction) =>
  column("phone", { label: t("customers.phone"), cell: (record) => <PhoneCell phone={record.phone_e164} /> });

const marks = (t: TFunction, act: Act, disabled: boolean) => [
  column("whatsapp", {
    label: t("customers.whatsapp.title"),
    className: "whitespace-nowrap",
    cell: (record) => <WhatsappToggle record={record} act={act} disabled={disabled} inRow />,
  }),
  column("respond", {
    label: t("customers.respond.title"),
    className: "whitespace-nowrap",
    cell: (record) => <RespondToggle record={record} act={act} disabled={disabled} inRow />,
  }),
  column("verdict", {
    label: t("customers.verdict.title"),
    className: "whitespace-nowrap",
    cell: (record) => <VerdictToggle record={record} act={act} disabled={disabled} inRow />,
  }),
];

const assignedAt = (t: TFunction, format: Format, startsHidden = false) =>
  column("assigned_at", {
    label: t("customers.assigned_at"),
    startsHidden,
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

/** For the holder: whom to call and what came of it, and with `fields` what the file says about them. */
export function myColumns(
  t: TFunction,
  format: Format,
  fields: readonly string[],
  act: Act,
  isFresh: (id: string) => boolean,
) {
  return [
    customer(t, isFresh),
    phone(t),
    ...marks(t, act, false),
    ...fields.map((name, index) =>
      column(`data:${name}`, {
        label: name,
        className: "max-w-48",
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
            className: "max-w-48",
            cell: (record) => <span className="block truncate">{record.database_name}</span>,
          }),
        ]
      : []),
    // Within a group they mostly came together.
    assignedAt(t, format, fields.length > 0),
  ];
}

/** For admins: who holds whom, out of which database, and what came of it. */
export function assignmentColumns(t: TFunction, format: Format, act: Act, editable: boolean) {
  return [
    customer(t, () => false),
    phone(t),
    column("holder", { label: t("customers.holder"), cell: (record) => record.assigned_to_name ?? "–" }),
    ...marks(t, act, !editable),
    column("database", {
      label: t("customers.database"),
      className: "max-w-48",
      cell: (record) => (
        <Link
          to={`${POOLS[record.module].path}/$id`}
          params={{ id: record.database_id }}
          className="block truncate underline-offset-4 hover:underline"
          tabIndex={-1}
        >
          {record.database_name}
        </Link>
      ),
    }),
    column("module", {
      label: t("customers.module"),
      startsHidden: true,
      cell: (record) => (
        <StatusBadge icon={POOLS[record.module].icon} label={t(POOLS[record.module].title)} />
      ),
    }),
    assignedAt(t, format),
  ];
}
