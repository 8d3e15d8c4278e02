import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { PhoneCell } from "@/components/data-table";
import { useCodeText } from "@/lib/code-text";
import { Countdown, ReservationBadge } from "./reservation-status";
import type { Reservation } from "./types";

/** One reservation at phone size. */
export function ReservationCard({
  reservation,
  withStaff,
}: {
  reservation: Reservation;
  withStaff: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  const { status, phone_number, last_omset_date, deleted_reason } = reservation;
  const at = reservation.ended_at ?? (status === "pending" ? reservation.created_at : undefined);
  return (
    <div className="grid gap-1 text-sm">
      <p className="break-words font-medium">{reservation.customer_id}</p>
      {reservation.customer_name && <p className="break-words text-muted">{reservation.customer_name}</p>}
      {phone_number && <PhoneCell phone={phone_number} />}
      <p className="break-words">
        {[reservation.product_name, withStaff && reservation.staff_name].filter(Boolean).join(" · ")}
      </p>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <ReservationBadge reservation={reservation} />
        {at && <span className="text-muted text-xs">{format.relative(at)}</span>}
        {status === "approved" && <Countdown reservation={reservation} />}
      </div>
      {last_omset_date && (
        <p className="text-muted text-xs">
          {t("reservations.last_deposit")}: {format.day(last_omset_date)}
        </p>
      )}
      {deleted_reason && (
        <p className="break-words text-muted text-xs">
          {codeText("reservations.reason", deleted_reason, deleted_reason)}
        </p>
      )}
    </div>
  );
}
