import { Link } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { type ReactNode, useEffect } from "react";

/** Title, one line below it, and the page's main actions. Sets the document title (never with personal data). */
export function PageHeader({
  title,
  documentTitle,
  description,
  actions,
  back,
}: {
  title: ReactNode;
  /** Give it when `title` is not plain text. */
  documentTitle?: string;
  description?: ReactNode;
  actions?: ReactNode;
  back?: { to: string; label: string };
}) {
  const plain = documentTitle ?? (typeof title === "string" ? title : null);
  useEffect(() => {
    document.title = plain ? `${plain} · CRM Boost` : "CRM Boost";
  }, [plain]);
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 pb-4">
      <div className="min-w-0">
        {back && (
          <Link
            to={back.to}
            className="-ml-1 mb-0.5 inline-flex items-center gap-0.5 rounded text-muted text-xs hover:text-foreground"
          >
            <ChevronLeft className="size-3.5" aria-hidden />
            {back.label}
          </Link>
        )}
        <h1 className="break-words font-semibold text-xl tracking-tight">{title}</h1>
        {description && <div className="text-muted text-sm">{description}</div>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </header>
  );
}
