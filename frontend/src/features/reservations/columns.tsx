import type { TFunction } from "i18next";
import type { useFormat } from "@/api/server-time";
import { columnHelper, PhoneCell } from "@/components/data-table";
import { useCodeText } from "@/lib/code-text";
import { Countdown, ReservationBadge } from "./reservation-status";
import type { List } from "./search";
import type { Reservation } from "./types";

/** Columns of one list of reservations; `withStaff` where they are of several people. */
export function reservationColumns(
  t: TFunction,
  format: ReturnType<typeof useFormat>,
  { list, withStaff }: { list: List; withStaff: boolean },
) {
  const column = columnHelper<Reservation>();
  const moment = (iso: string) => (
    <time dateTime={iso} title={format.dateTime(iso)} className="whitespace-nowrap">
      {format.relative(iso)}
    </time>
  );
  const common = [
    column("customer", {
      label: t("reservations.customer"),
      card: "title",
      hideable: false,
      className: "min-w-40",
      cell: (row) => (
        <span className="grid">
          <span className="break-words font-medium">{row.customer_id}</span>
          {row.customer_name && (
            <span className="break-words font-normal text-muted text-xs">{row.customer_name}</span>
          )}
        </span>
      ),
    }),
    column("phone", {
      label: t("reservations.phone"),
      cell: (row) => <PhoneCell phone={row.phone_number} />,
    }),
    column("product", {
      label: t("reservations.product"),
      cell: (row) => <span className="break-words">{row.product_name}</span>,
    }),
    ...(withStaff
      ? [
          column("owner", {
            label: t("reservations.owner"),
            cell: (row) => <span className="break-words">{row.staff_name}</span>,
          }),
        ]
      : []),
    column("status", {
      label: t("reservations.state"),
      cell: (row) => <ReservationBadge reservation={row} />,
    }),
  ];
  const deposit = column("deposit", {
    label: t("reservations.last_deposit"),
    className: "whitespace-nowrap",
    cell: (row) =>
      row.last_omset_date ? (
        <time dateTime={row.last_omset_date}>{format.day(row.last_omset_date)}</time>
      ) : (
        <span className="text-muted">–</span>
      ),
  });
  const asked = column("created_at", {
    label: t("reservations.created"),
    cell: (row) => (
      <span className="grid">
        {moment(row.created_at)}
        <span className="break-words text-muted text-xs">{row.created_by_name}</span>
      </span>
    ),
  });
  if (list === "pending") return [...common, asked];
  if (list === "approved") {
    const expires = column("expires", {
      label: t("reservations.expires"),
      cell: (row) => <Countdown reservation={row} />,
    });
    return [...common, expires, deposit];
  }
  const ended = column("ended_at", {
    label: t("reservations.ended"),
    className: "max-w-64",
    cell: (row) =>
      row.ended_at ? (
        <span className="grid">
          <span className="break-words">
            {moment(row.ended_at)}
            {row.ended_by_name && <span className="text-muted"> · {row.ended_by_name}</span>}
          </span>
          {row.deleted_reason && <Why code={row.deleted_reason} />}
        </span>
      ) : (
        <span className="text-muted">–</span>
      ),
  });
  return list === "archive" ? [...common, ended, deposit] : [...common, ended];
}

/** Why it ended: one of the house's reasons, or what somebody wrote. */
function Why({ code }: { code: string }) {
  const codeText = useCodeText();
  return (
    <span className="line-clamp-2 break-words text-muted text-xs">
      {codeText("reservations.reason", code, code)}
    </span>
  );
}
