import { useQuery } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { EntitySheet, ErrorState } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { depositOptions } from "./api";
import { DepositBadges, Money, useConflictText } from "./badges";
import { COMMAND_ICONS, DANGEROUS, useActionsOf } from "./commands";
import { DepositHistory } from "./deposit-history";
import { EditSheet } from "./edit-sheet";
import type { Command, Deposit, DepositDetail } from "./types";
import { WhyType } from "./why-type";

/** One deposit: what it is and why, what has happened to it, and what can be done with it now. */
export function DepositSheet({
  id,
  editing,
  onEdit,
  onClose,
  onCommand,
}: {
  id: string;
  editing: boolean;
  onEdit: (editing: boolean) => void;
  onClose: () => void;
  onCommand: (command: Command, deposit: Deposit) => void;
}) {
  const { t } = useTranslation();
  const actionsOf = useActionsOf();
  const query = useQuery(depositOptions(id));
  const deposit = query.data;
  const actions = deposit && actionsOf(deposit);
  if (editing && deposit && actions?.canEdit) {
    return <EditSheet key={deposit.id} deposit={deposit} onClose={() => onEdit(false)} />;
  }
  return (
    <EntitySheet
      open
      onClose={onClose}
      title={deposit?.customer_id ?? t("deposits.one")}
      description={deposit?.customer_name ?? undefined}
      footer={
        actions &&
        (actions.canEdit || actions.commands.length > 0) && (
          <>
            {actions.commands.map((command) => {
              const Icon = COMMAND_ICONS[command];
              return (
                <Button
                  key={command}
                  variant={command === "approve" || command === "restore" ? "primary" : undefined}
                  className={DANGEROUS.has(command) ? "text-danger" : undefined}
                  onClick={() => onCommand(command, deposit)}
                >
                  <Icon aria-hidden />
                  {t(`deposits.do.${command}`)}
                </Button>
              );
            })}
            {actions.canEdit && (
              <Button onClick={() => onEdit(true)}>
                <Pencil aria-hidden />
                {t("common.edit")}
              </Button>
            )}
          </>
        )
      }
    >
      {deposit ? (
        <div className="grid gap-6">
          <Facts deposit={deposit} />
          <WhyType explanation={deposit.explanation} />
          <DepositHistory events={deposit.events} />
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

function Facts({ deposit }: { deposit: DepositDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const conflict = useConflictText()(deposit);
  const by = (at: string, name?: string | null) => [format.dateTime(at), name].filter(Boolean).join(" · ");
  const { depo_kelipatan, reviewed_at, deleted_at, decline_reason, keterangan } = deposit;
  return (
    <dl className="divide-y rounded-md border border-border text-sm">
      <Fact label={t("deposits.total")}>
        <Money value={deposit.depo_total} className="font-medium" />
        {depo_kelipatan !== 1 && (
          <span className="text-muted">
            {" "}
            = {format.number(deposit.nominal)} ×{format.number(depo_kelipatan)}
          </span>
        )}
      </Fact>
      <Fact label={t("deposits.type")}>
        <DepositBadges deposit={deposit} />
      </Fact>
      <Fact label={t("deposits.day")}>{format.day(deposit.record_date)}</Fact>
      <Fact label={t("deposits.product")}>{deposit.product_name}</Fact>
      <Fact label={t("deposits.staff")}>{deposit.staff_name}</Fact>
      {keterangan && (
        <Fact label={t("deposits.note")}>
          <span className="whitespace-pre-wrap">{keterangan}</span>
        </Fact>
      )}
      {conflict && <Fact label={t("deposits.waits_because")}>{conflict}</Fact>}
      {decline_reason && <Fact label={t("deposits.decline_reason")}>{decline_reason}</Fact>}
      {reviewed_at && <Fact label={t("deposits.reviewed")}>{by(reviewed_at, deposit.reviewed_by_name)}</Fact>}
      {deleted_at && <Fact label={t("deposits.deleted")}>{by(deleted_at, deposit.deleted_by_name)}</Fact>}
      <Fact label={t("deposits.booked")}>{by(deposit.created_at, deposit.created_by_name)}</Fact>
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] gap-3 px-3 py-1.5">
      <dt className="text-muted">{label}</dt>
      <dd className="tabular break-words">{children}</dd>
    </div>
  );
}
