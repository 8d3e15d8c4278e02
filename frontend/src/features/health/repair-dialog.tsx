import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog } from "@/components/feedback";
import { Skeleton } from "@/components/ui/surface";
import { dryRunOptions, useRepair } from "./api";
import { useRepairToast } from "./use-repair-toast";
import { useCheckWords } from "./words";

/** Says what a repair would do, by a dry run of the same code, before it is done. */
export function RepairDialog({ type, onClose }: { type: string; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useCheckWords();
  const dryRun = useQuery(dryRunOptions(type));
  const repair = useRepair();
  const done = useRepairToast();
  const [plan] = dryRun.data?.repairs ?? [];
  const count = plan?.fixed ?? 0;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.name(type)}
      consequence={
        <div className="grid gap-2">
          <p>{words.repair(type)}</p>
          {dryRun.isPending && <Skeleton className="h-5 w-2/3" />}
          {plan && (
            <p className="font-medium text-foreground">
              {t("health.repair.would", { count, formatted: format.number(count) })}
            </p>
          )}
          {plan && plan.remaining > 0 && (
            <p>
              {t("health.repair.left", { count: plan.remaining, formatted: format.number(plan.remaining) })}
            </p>
          )}
          <p>{t("health.repair.undoable")}</p>
        </div>
      }
      confirmLabel={t("health.repair.confirm", { count, formatted: format.number(count) })}
      danger={false}
      busy={repair.isPending || dryRun.isPending}
      error={repair.error ?? dryRun.error}
      onConfirm={() =>
        repair.mutate(type, {
          onSuccess: ({ total_fixed, repairs }) => {
            done(total_fixed, repairs[0]?.repair_id ?? undefined);
            onClose();
          },
        })
      }
    />
  );
}
