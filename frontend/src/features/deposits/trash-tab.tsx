import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/api/session";
import { ConfirmDialog, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import type { TableSearch } from "@/lib/table-search";
import { trashOptions, useEmptyTrash } from "./api";
import { DepositsTable } from "./deposits-table";

/** What was deleted in the last 30 days: restored, or deleted for good (spec 4.2). */
export function TrashTab({ search }: { search: TableSearch }) {
  const { t } = useTranslation();
  const empties = useCan()("trash.empty");
  const query = useQuery(trashOptions(search.values));
  const [asking, setAsking] = useState(false);
  const any = (query.data?.items.length ?? 0) > 0;
  return (
    <>
      <DepositsTable
        id="deposits-trash"
        label={t("deposits.review.trash")}
        query={query}
        search={search}
        more="deleted"
        bulk={["restore"]}
        actions={
          empties &&
          any && (
            <Button className="text-danger" onClick={() => setAsking(true)}>
              <Trash2 aria-hidden />
              {t("deposits.trash.empty")}
            </Button>
          )
        }
        empty={{
          icon: Trash2,
          title: t("deposits.empty.trash"),
          description: t("deposits.empty.trash_hint"),
        }}
      />
      {asking && <EmptyTrash count={query.data?.total ?? undefined} onClose={() => setAsking(false)} />}
    </>
  );
}

function EmptyTrash({ count, onClose }: { count: number | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const empty = useEmptyTrash();
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("deposits.trash.title")}
      consequence={
        count === undefined ? t("deposits.trash.consequence") : t("deposits.trash.consequence_of", { count })
      }
      confirmLabel={t("deposits.trash.empty")}
      typeWord={t("deposits.purge_word")}
      busy={empty.isPending}
      error={empty.error}
      onConfirm={() =>
        empty.mutate(undefined, {
          onSuccess: ({ deleted_count }) => {
            toast.success(t("deposits.trash.done", { count: deleted_count }));
            onClose();
          },
        })
      }
    />
  );
}
