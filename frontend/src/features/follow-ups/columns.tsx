import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { columnHelper, PhoneCell } from "@/components/data-table";
import { NoteCount } from "@/features/customers";
import type { FollowUp } from "./types";
import { Answered, FollowUpBadge } from "./urgency";

const column = columnHelper<FollowUp>();

/** Who it is: opens everything about the customer. */
export function CustomerName({ followUp, t }: { followUp: FollowUp; t: TFunction }) {
  return (
    <span className="grid">
      <span className="flex items-center gap-1.5">
        <Link
          to="/customers/$key"
          params={{ key: followUp.customer_key }}
          tabIndex={-1}
          data-testid="customer"
          className="break-all rounded font-medium underline-offset-4 hover:underline"
        >
          {followUp.customer_id}
        </Link>
        {followUp.note_count > 0 && <NoteCount count={followUp.note_count} t={t} />}
      </span>
      {followUp.customer_display !== followUp.customer_id && (
        <span className="break-words text-muted text-xs">{followUp.customer_display}</span>
      )}
    </span>
  );
}

export function followUpColumns(t: TFunction, { withStaff }: { withStaff: boolean }) {
  return [
    column("urgency", {
      label: t("followups.urgency.title"),
      hideable: false,
      cell: (row) => <FollowUpBadge followUp={row} />,
    }),
    column("customer", {
      label: t("followups.customer"),
      card: "title",
      hideable: false,
      className: "min-w-36",
      cell: (row) => <CustomerName followUp={row} t={t} />,
    }),
    column("phone", { label: t("followups.phone"), cell: (row) => <PhoneCell phone={row.phone_e164} /> }),
    column("answered", {
      label: t("followups.answered"),
      className: "whitespace-nowrap",
      cell: (row) => <Answered followUp={row} />,
    }),
    ...(withStaff ? [column("staff", { label: t("followups.staff"), cell: (row) => row.staff_name })] : []),
    column("product", { label: t("followups.product"), cell: (row) => row.product_name }),
    column("database", {
      label: t("followups.database"),
      className: "max-w-48",
      cell: (row) => <span className="block truncate">{row.database_name}</span>,
    }),
  ];
}
