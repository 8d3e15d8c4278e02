import { useQuery } from "@tanstack/react-query";
import { Infinity as InfinityIcon, Play, TimerOff, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, ErrorState, StatTile, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Card, Skeleton } from "@/components/ui/surface";
import { cleanupPreviewOptions, useRunCleanup } from "./api";
import type { CleanupPreview } from "./types";

/** What the next run of the expiry warns of and ends: a dry run, and the way to run it now (spec 3.3). */
export function CleanupPreviewCard() {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(cleanupPreviewOptions);
  const [asking, setAsking] = useState(false);
  const preview = query.data;
  return (
    <Card className="grid gap-4 p-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h2 className="font-semibold text-base">{t("reservations.cleanup.title")}</h2>
          <p className="text-muted text-sm">{t("reservations.cleanup.description")}</p>
        </div>
        <Button disabled={!preview} onClick={() => setAsking(true)}>
          <Play aria-hidden />
          {t("reservations.cleanup.run")}
        </Button>
      </div>
      {preview ? (
        <>
          <div className="grid gap-2 sm:grid-cols-3">
            <StatTile
              label={t("reservations.cleanup.will_end")}
              value={format.number(preview.will_be_deleted_count)}
              icon={TimerOff}
            />
            <StatTile
              label={t("reservations.cleanup.soon")}
              value={format.number(preview.expiring_soon_count)}
              icon={TriangleAlert}
            />
            <StatTile
              label={t("reservations.permanent")}
              value={format.number(preview.permanent_members_count)}
              icon={InfinityIcon}
            />
          </div>
          <Entries title={t("reservations.cleanup.will_end")} entries={preview.will_be_deleted} />
          <Entries title={t("reservations.cleanup.soon")} entries={preview.expiring_soon} />
          <Entries title={t("reservations.permanent")} entries={preview.permanent_members} />
        </>
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      ) : (
        <div aria-busy className="grid gap-3">
          <Skeleton className="h-16" />
          <Skeleton className="h-24" />
        </div>
      )}
      {asking && preview && <RunDialog preview={preview} onClose={() => setAsking(false)} />}
    </Card>
  );
}

function RunDialog({ preview, onClose }: { preview: CleanupPreview; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const run = useRunCleanup();
  const [{ will_be_deleted_count: ending }] = useState(preview);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("reservations.cleanup.run_title")}
      consequence={t("reservations.cleanup.consequence", {
        count: ending,
        formatted: format.number(ending),
      })}
      confirmLabel={t("reservations.cleanup.run")}
      danger={ending > 0}
      busy={run.isPending}
      error={run.error}
      onConfirm={() =>
        run.mutate(undefined, {
          onSuccess: ({ expired_count, warned_count }) => {
            toast.success(
              t("reservations.cleanup.done", {
                ended: format.number(expired_count),
                warned: format.number(warned_count),
              }),
            );
            onClose();
          },
        })
      }
    />
  );
}

function Entries({ title, entries }: { title: string; entries: CleanupPreview["expiring_soon"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (entries.length === 0) return null;
  return (
    <section className="grid gap-2">
      <h3 className="font-medium text-muted text-xs">{title}</h3>
      <ul
        aria-label={title}
        className="max-h-64 divide-y overflow-y-auto rounded-md border border-border text-sm"
      >
        {entries.map((entry) => (
          <li key={entry.id} className="flex flex-wrap justify-between gap-x-3 px-3 py-1.5">
            <span className="min-w-0">
              <span className="block break-words font-medium">{entry.customer_id}</span>
              <span className="block break-words text-muted text-xs">
                {entry.product_name} · {entry.staff_name}
              </span>
            </span>
            {entry.expires_on && entry.remaining_days != null && (
              <span className="tabular text-right text-xs">
                {entry.remaining_days < 0
                  ? t("reservations.over")
                  : t("reservations.days_left", {
                      count: entry.remaining_days,
                      formatted: format.number(entry.remaining_days),
                    })}
                <span className="block text-muted">{format.day(entry.expires_on)}</span>
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
