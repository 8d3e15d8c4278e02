import { CopyCheck, Hourglass, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge, useProblemText } from "@/components/feedback";
import { Money, TypeBadge, useWhy } from "./badges";
import type { PreviewRow } from "./types";

/** What the row would be if it were saved now, and why: said by the server, before it is saved (spec 6.2). */
export function PreviewLine({
  preview,
  asking,
  error,
  total,
}: {
  preview: PreviewRow | undefined;
  asking: boolean;
  error: unknown;
  total: number | null;
}) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  return (
    <div
      aria-live="polite"
      data-testid="preview"
      className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-t px-3 py-2 text-sm"
    >
      {error ? (
        <span className="text-warning">{problemText(error)}</span>
      ) : preview ? (
        <PreviewFacts preview={preview} />
      ) : (
        <span className="text-muted">{t(asking ? "deposits.entry.checking" : "deposits.entry.hint")}</span>
      )}
      {total !== null && (
        <span className="ml-auto font-medium">
          {t("deposits.total")} <Money value={total} />
        </span>
      )}
    </div>
  );
}

export function PreviewFacts({ preview }: { preview: PreviewRow }) {
  const { t } = useTranslation();
  const why = useWhy();
  if (preview.errors.length > 0) {
    return (
      <span className="flex items-start gap-1.5 text-danger">
        <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
        {preview.errors.map(({ message }) => message).join(" ")}
      </span>
    );
  }
  return (
    <>
      {preview.customer_type && <TypeBadge type={preview.customer_type} />}
      <span className="text-muted">{why(preview)}</span>
      {preview.approval_status === "pending" && (
        <StatusBadge
          icon={Hourglass}
          tone="warning"
          label={t("deposits.entry.will_wait")}
          className="whitespace-normal"
        />
      )}
      {preview.possible_duplicate && (
        <StatusBadge icon={CopyCheck} tone="warning" label={t("deposits.possible_duplicate")} />
      )}
    </>
  );
}
