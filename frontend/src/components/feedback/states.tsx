import { CircleAlert, Inbox, type LucideIcon, RefreshCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { useProblemText } from "./problem-text";

export type EmptyStateProps = {
  title: string;
  description?: string;
  /** The next sensible step. */
  action?: ReactNode;
  icon?: LucideIcon;
};

export function EmptyState({ title, description, action, icon: Icon = Inbox }: EmptyStateProps) {
  return (
    <div className="grid justify-items-center gap-1 px-4 py-14 text-center">
      <Icon className="mb-2 size-7 text-muted" strokeWidth={1.5} aria-hidden />
      <p className="font-medium">{title}</p>
      {description && <p className="max-w-md text-muted text-sm">{description}</p>}
      {action && <div className="mt-3 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** A failure that leaves nothing to show; the request id lets an administrator find it in the log. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const text = useProblemText();
  const requestId = isProblem(error) && error.status >= 500 ? error.requestId : null;
  return (
    <div role="alert" className="grid justify-items-center gap-1 px-4 py-14 text-center">
      <CircleAlert className="mb-2 size-7 text-danger" strokeWidth={1.5} aria-hidden />
      <p className="font-medium">{t("states.failed")}</p>
      <p className="max-w-md text-muted text-sm">{text(error)}</p>
      {requestId && (
        <p className="text-muted text-xs">
          {t("states.request_id")} <code className="select-all">{requestId}</code>
        </p>
      )}
      {onRetry && (
        <Button className="mt-3" onClick={onRetry}>
          <RefreshCw aria-hidden />
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}

/** The last refresh failed; what is on screen is the answer before it. */
export function StaleNote({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  const text = useProblemText();
  return (
    <div
      role="status"
      className="mb-2 flex flex-wrap items-center gap-2 rounded-md bg-warning-soft px-3 py-1.5 text-sm text-warning"
    >
      <TriangleAlert className="size-4 shrink-0" aria-hidden />
      <span className="flex-1">
        {t("states.stale")} {text(error)}
      </span>
      <Button size="sm" onClick={onRetry}>
        {t("common.retry")}
      </Button>
    </div>
  );
}
