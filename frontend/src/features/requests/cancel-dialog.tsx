import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, toast } from "@/components/feedback";
import { useCancelRequest } from "./api";
import type { RecordRequest } from "./types";

/** Takes a waiting request back; what was held for it is free again. */
export function CancelDialog({ request, onClose }: { request: RecordRequest; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const cancel = useCancelRequest();
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("requests.cancel.title")}
      consequence={t("requests.cancel.consequence", {
        count: request.record_count,
        formatted: format.number(request.record_count),
        database: request.database_name,
      })}
      confirmLabel={t("requests.cancel.confirm")}
      busy={cancel.isPending}
      error={cancel.error}
      onConfirm={() =>
        cancel.mutate(request.id, {
          onSuccess: () => {
            toast.success(t("requests.cancel.done"));
            onClose();
          },
        })
      }
    />
  );
}
