import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { setLanguage } from "@/i18n";

/** The frame of the pages before the door: sign-in and first run. */
export function Door({
  title,
  description,
  children,
}: {
  title: string;
  description: string;
  children: ReactNode;
}) {
  const { i18n } = useTranslation();
  return (
    <main className="grid min-h-[calc(100dvh-var(--banner))] place-items-center p-4">
      <title>{`${title} · CRM Boost`}</title>
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-2.5">
          <img src="/favicon.svg" alt="" className="size-8" />
          <span className="font-semibold text-lg tracking-tight">CRM Boost</span>
        </div>
        <div className="rounded-lg border border-border bg-surface p-6">
          <h1 className="font-semibold text-lg">{title}</h1>
          <p className="mb-5 text-muted text-sm">{description}</p>
          {children}
        </div>
        <div className="mt-3 flex justify-center gap-1">
          <Button
            variant="ghost"
            size="sm"
            lang="id"
            aria-pressed={i18n.language === "id"}
            className="text-muted aria-pressed:text-foreground"
            onClick={() => void setLanguage("id")}
          >
            Bahasa Indonesia
          </Button>
          <Button
            variant="ghost"
            size="sm"
            lang="en"
            aria-pressed={i18n.language === "en"}
            className="text-muted aria-pressed:text-foreground"
            onClick={() => void setLanguage("en")}
          >
            English
          </Button>
        </div>
      </div>
    </main>
  );
}
