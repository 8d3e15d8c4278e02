import { CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogDescription, DialogFooter, DialogTitle } from "@/components/ui/dialog";

export type OutcomeLine = { id: string; name?: string; text: string; failed: boolean };

/** How each one of several went; what failed comes first: it is what somebody has to look at. */
export function OutcomeDialog({
  title,
  summary,
  lines,
  onClose,
}: {
  title: string;
  summary: string;
  lines: readonly OutcomeLine[];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const sorted = [...lines].sort((a, b) => Number(b.failed) - Number(a.failed));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <div className="grid gap-1">
          <DialogTitle>{title}</DialogTitle>
          <DialogDescription>{summary}</DialogDescription>
        </div>
        <ul className="max-h-72 divide-y overflow-y-auto rounded-md border border-border text-sm">
          {sorted.map(({ id, name, text, failed }) => {
            const Icon = failed ? TriangleAlert : CircleCheck;
            return (
              <li key={id} className="flex items-start gap-2.5 px-3 py-2">
                <Icon
                  className={`mt-0.5 size-4 shrink-0 ${failed ? "text-warning" : "text-success"}`}
                  aria-hidden
                />
                <span className="min-w-0">
                  {name && <span className="block break-words font-medium">{name}</span>}
                  <span className="block break-words text-muted">{text}</span>
                </span>
              </li>
            );
          })}
        </ul>
        <DialogFooter>
          <Button variant="primary" onClick={onClose}>
            {t("common.close")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
