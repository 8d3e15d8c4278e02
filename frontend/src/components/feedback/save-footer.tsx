import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Button } from "@/components/ui/button";

/** The end of a form of settings: the one button, and who changed them last. */
export function SaveFooter({
  isDirty,
  busy,
  saved,
}: {
  isDirty: boolean;
  busy: boolean;
  saved: { updated_at?: string | null; updated_by?: string | null };
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button type="submit" variant="primary" disabled={!isDirty} busy={busy}>
        {t("common.save")}
      </Button>
      {saved.updated_at && (
        <span className="text-muted text-xs">
          {t("settings.changed", {
            date: format.dateTime(saved.updated_at),
            name: saved.updated_by ?? "–",
          })}
        </span>
      )}
    </div>
  );
}
