import { Check } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";

const STEPS = ["file", "mapping", "report", "import"] as const;
export type Step = (typeof STEPS)[number];

/** Where one is between the file and the database. */
export function Stepper({ current, finished = false }: { current: Step; finished?: boolean }) {
  const { t } = useTranslation();
  const at = STEPS.indexOf(current);
  return (
    <ol
      aria-label={t("imports.steps.label")}
      className="mb-5 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm"
    >
      {STEPS.map((step, index) => {
        const done = index < at || finished;
        const isCurrent = index === at && !finished;
        return (
          <li key={step} aria-current={isCurrent ? "step" : undefined} className="flex items-center gap-2">
            {index > 0 && <span aria-hidden className="h-px w-4 bg-border-strong sm:w-8" />}
            <span
              className={cn(
                "grid size-5 place-content-center rounded-full border font-medium text-xs",
                done && "border-accent bg-accent text-accent-foreground",
                isCurrent && "border-accent text-accent-text",
                !done && !isCurrent && "border-border-strong text-muted",
              )}
            >
              {done ? <Check className="size-3" aria-hidden /> : index + 1}
            </span>
            <span className={cn(isCurrent ? "font-medium" : "text-muted", !isCurrent && "max-sm:sr-only")}>
              {t(`imports.steps.${step}`)}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
