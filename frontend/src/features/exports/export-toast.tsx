import { useQuery } from "@tanstack/react-query";
import { Download, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { ProgressBar, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { exportOptions, isOpen, useCancelExport, useDownload } from "./api";
import { ExportBadge } from "./export-state";
import { useExportWords } from "./words";

/** Shows how far an export is for as long as somebody likes; then the file is one press away. */
export function followExport(id: string): void {
  toast(<ExportToast id={id} />, { id, duration: Number.POSITIVE_INFINITY });
}

function ExportToast({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useExportWords();
  const { data } = useQuery(exportOptions(id));
  const cancel = useCancelExport();
  const download = useDownload();
  // As high from the beginning as it becomes: the height of a toast is measured once.
  const frame = "grid min-h-28 w-full min-w-64 content-start gap-2";
  if (!data) {
    return (
      <div className={frame}>
        <span role="status">{t("exports.ordered")}</span>
      </div>
    );
  }
  const title = words.title(data);
  return (
    <div className={frame} data-export={data.state}>
      {isOpen(data) ? (
        <>
          <ProgressBar label={title} done={data.rows_done} total={data.rows_total ?? null} />
          <Button
            size="sm"
            className="justify-self-start"
            busy={cancel.isPending}
            onClick={() => cancel.mutate(id)}
          >
            {t("exports.cancel")}
          </Button>
        </>
      ) : (
        <>
          <span className="flex items-start justify-between gap-2">
            <span role="status" className="font-medium">
              {title}
            </span>
            <Button
              size="icon-sm"
              variant="ghost"
              aria-label={t("common.close")}
              onClick={() => toast.dismiss(id)}
            >
              <X aria-hidden />
            </Button>
          </span>
          <span className="flex flex-wrap items-center gap-2">
            <ExportBadge state={data.state} />
            <span className="text-muted text-xs">
              {words.error(data) ??
                t("exports.rows", { count: data.rows_done, formatted: format.number(data.rows_done) })}
            </span>
          </span>
          {data.state === "done" && data.is_own && (
            <Button
              size="sm"
              variant="primary"
              className="justify-self-start"
              busy={download.isPending}
              onClick={() => download.mutate(id, { onSuccess: () => toast.dismiss(id) })}
            >
              <Download aria-hidden />
              {t("exports.download")}
            </Button>
          )}
        </>
      )}
    </div>
  );
}
