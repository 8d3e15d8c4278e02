import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Button } from "@/components/ui/button";
import { PAGE_SIZE } from "@/lib/table-search";

/** "51-100 of 1,234" and the two ways on. Keyset paging has no page numbers to jump to. */
export function Pager({
  page,
  shown,
  total,
  hasNext,
  onNext,
  onPrevious,
}: {
  page: number;
  shown: number;
  total: number | null;
  hasNext: boolean;
  onNext: () => void;
  onPrevious: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const from = (page - 1) * PAGE_SIZE + 1;
  const range = { from: format.number(from), to: format.number(from + shown - 1) };
  return (
    <nav
      aria-label={t("table.paging")}
      className="flex items-center justify-between gap-3 border-t px-3 py-2 text-muted text-sm"
    >
      <p className="tabular" aria-live="polite">
        {shown === 0
          ? t("table.no_rows")
          : total === null
            ? t("table.range", range)
            : t("table.range_of", { ...range, total: format.number(total) })}
      </p>
      <div className="flex gap-1">
        <Button size="sm" onClick={onPrevious} disabled={page === 1}>
          <ChevronLeft aria-hidden />
          {t("table.previous")}
        </Button>
        <Button size="sm" onClick={onNext} disabled={!hasNext}>
          {t("table.next")}
          <ChevronRight aria-hidden />
        </Button>
      </div>
    </nav>
  );
}
