import { useQuery } from "@tanstack/react-query";
import { ArrowRightLeft } from "lucide-react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { PhoneCell } from "@/components/data-table";
import { EntitySheet, ErrorState, Fact } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { useCodeText } from "@/lib/code-text";
import { reservationOptions } from "./api";
import { COMMAND_ICONS, DANGEROUS, useActionsOf } from "./commands";
import { Countdown, ReservationBadge } from "./reservation-status";
import type { Command, Reservation, ReservationDetail } from "./types";

/** One reservation: whose it is, how long, what has happened to it, and what can be done with it now. */
export function ReservationSheet({
  id,
  onClose,
  onCommand,
  onMove,
}: {
  id: string;
  onClose: () => void;
  onCommand: (command: Command, reservation: Reservation) => void;
  onMove: (reservation: Reservation) => void;
}) {
  const { t } = useTranslation();
  const actionsOf = useActionsOf();
  const query = useQuery(reservationOptions(id));
  const reservation = query.data;
  const actions = reservation && actionsOf(reservation);
  const any = actions && (actions.canMove || actions.commands.length > 0);
  return (
    <EntitySheet
      open
      onClose={onClose}
      title={reservation?.customer_id ?? t("reservations.title")}
      description={reservation?.customer_name ?? undefined}
      footer={
        any && (
          <>
            {actions.canMove && (
              <Button onClick={() => onMove(reservation)}>
                <ArrowRightLeft aria-hidden />
                {t("reservations.move.open")}
              </Button>
            )}
            {actions.commands.map((command) => {
              const Icon = COMMAND_ICONS[command];
              return (
                <Button
                  key={command}
                  variant={command === "approve" || command === "restore" ? "primary" : undefined}
                  className={DANGEROUS.has(command) ? "text-danger" : undefined}
                  onClick={() => onCommand(command, reservation)}
                >
                  <Icon aria-hidden />
                  {t(`reservations.do.${command}`)}
                </Button>
              );
            })}
          </>
        )
      }
    >
      {reservation ? (
        <div className="grid gap-6">
          <Facts reservation={reservation} />
          <Events reservation={reservation} />
        </div>
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      ) : (
        <div aria-busy className="grid gap-3">
          <Skeleton className="h-5 w-2/5" />
          <Skeleton className="h-24" />
        </div>
      )}
    </EntitySheet>
  );
}

function Facts({ reservation }: { reservation: ReservationDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  const by = (at: string, name?: string | null) => [format.dateTime(at), name].filter(Boolean).join(" · ");
  const {
    status,
    aliases,
    approved_at,
    ended_at,
    deleted_reason,
    grace_days_used,
    last_omset_date,
    days_since_last_omset,
  } = reservation;
  return (
    <dl className="divide-y rounded-md border border-border text-sm">
      <Fact label={t("reservations.state")}>
        <ReservationBadge reservation={reservation} />
      </Fact>
      <Fact label={t("reservations.product")}>{reservation.product_name}</Fact>
      <Fact label={t("reservations.owner")}>{reservation.staff_name}</Fact>
      <Fact label={t("reservations.phone")}>
        <PhoneCell phone={reservation.phone_number} />
      </Fact>
      {aliases.length > 0 && <Fact label={t("reservations.form.aliases")}>{aliases.join(", ")}</Fact>}
      {status === "approved" && (
        <Fact label={t("reservations.expires")}>
          <Countdown reservation={reservation} />
        </Fact>
      )}
      <Fact label={t("reservations.last_deposit")}>
        {last_omset_date
          ? [
              format.day(last_omset_date),
              days_since_last_omset != null &&
                t("reservations.days_ago", {
                  count: days_since_last_omset,
                  formatted: format.number(days_since_last_omset),
                }),
            ]
              .filter(Boolean)
              .join(" · ")
          : "–"}
      </Fact>
      <Fact label={t("reservations.created")}>{by(reservation.created_at, reservation.created_by_name)}</Fact>
      {approved_at && (
        <Fact label={t("reservations.approved")}>{by(approved_at, reservation.approved_by_name)}</Fact>
      )}
      {ended_at && <Fact label={t("reservations.ended")}>{by(ended_at, reservation.ended_by_name)}</Fact>}
      {deleted_reason && (
        <Fact label={t("reservations.why")}>
          {codeText("reservations.reason", deleted_reason, deleted_reason)}
        </Fact>
      )}
      {grace_days_used != null && (
        <Fact label={t("reservations.grace_used")}>{format.number(grace_days_used)}</Fact>
      )}
    </dl>
  );
}

function Events({ reservation }: { reservation: ReservationDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  const staff = useQuery({ ...staffChoicesOptions, enabled: useCan()("staff.list") });
  const nameOf = (id: unknown) => staff.data?.find((person) => person.id === id)?.name;
  return (
    <section>
      <h3 className="pb-2 font-medium text-muted text-xs">{t("reservations.history")}</h3>
      <ol aria-label={t("reservations.history")} className="grid gap-3 border-l pl-4">
        {reservation.events.map(({ at, kind, actor_name, reason, detail = {} }, index) => {
          const names = [nameOf(detail.from_staff_id), nameOf(detail.to_staff_id)].filter(Boolean);
          const named = kind === "permanent" && detail.is_permanent === false ? "expirable" : kind;
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: history is only ever added to
              key={`${at}:${index}`}
              className="relative text-sm before:absolute before:top-1.5 before:-left-[1.3rem] before:size-2.5 before:rounded-full before:border-2 before:border-border-strong before:bg-surface"
            >
              <p className="font-medium">{codeText("reservations.event", named, named)}</p>
              {names.length > 0 && <p className="break-words text-muted">{names.join(" → ")}</p>}
              {reason && (
                <p className="break-words text-muted">{codeText("reservations.reason", reason, reason)}</p>
              )}
              <p className="text-muted text-xs">
                {format.dateTime(at)} · {actor_name}
              </p>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
