import { ArchiveRestore } from "lucide-react";
import { useTranslation } from "react-i18next";
import { toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { useRestoreArchived } from "./api";
import { useReasonsText } from "./reasons-text";

/** Out of the archive, back to the pool; what is not archived (any more) is said. */
export function RestoreArchived({
  ids,
  clear,
  primary = false,
}: {
  ids: string[];
  clear: () => void;
  primary?: boolean;
}) {
  const { t } = useTranslation();
  const reasonsText = useReasonsText();
  const restore = useRestoreArchived();
  return (
    <Button
      size="sm"
      variant={primary ? "primary" : undefined}
      busy={restore.isPending}
      onClick={() =>
        restore.mutate(ids, {
          onSuccess: ({ restored_count, skipped }) => {
            const done = t("pools.records_restored", { count: restored_count });
            if (skipped.length > 0) toast.warning(done, { description: reasonsText(skipped) });
            else toast.success(done);
            clear();
          },
        })
      }
    >
      <ArchiveRestore aria-hidden />
      {t("pools.restore")}
    </Button>
  );
}
