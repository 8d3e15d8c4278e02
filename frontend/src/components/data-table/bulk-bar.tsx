import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";

/** What can be done with the selected rows; floats above the list so that it moves nothing. */
export function BulkBar({
  count,
  onClear,
  children,
}: {
  count: number;
  onClear: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <section
      aria-label={t("table.bulk")}
      className="fixed inset-x-2 bottom-3 z-30 mx-auto flex w-fit max-w-[calc(100vw-1rem)] animate-pop-in flex-wrap items-center gap-2 rounded-lg border border-border-strong bg-surface px-3 py-2 shadow-lg"
    >
      <span className="tabular font-medium text-sm" aria-live="polite">
        {t("table.selected", { count })}
      </span>
      {children}
      <Button variant="ghost" size="icon-sm" onClick={onClear} aria-label={t("table.clear_selection")}>
        <X aria-hidden />
      </Button>
    </section>
  );
}
