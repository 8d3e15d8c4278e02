import { useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { serverTimeOptions } from "@/api/server-time";

/**
 * Says above every page, the sign-in too, that this is not the desk people work at, however far it is scrolled. What stays
 * at the top of a page stays below it, by `--banner`, its height.
 */
export function StagingBanner() {
  const { t } = useTranslation();
  const { data } = useQuery(serverTimeOptions);
  const place = useRef<HTMLParagraphElement>(null);
  const isStaging = data?.instance === "staging";
  useEffect(() => {
    const banner = place.current;
    if (!isStaging || !banner) return;
    const root = document.documentElement.style;
    const measure = () => root.setProperty("--banner", `${banner.getBoundingClientRect().height}px`);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(banner);
    return () => {
      observer.disconnect();
      root.removeProperty("--banner");
    };
  }, [isStaging]);
  if (!isStaging) return null;
  return (
    <p
      ref={place}
      role="note"
      className="sticky top-0 z-30 flex items-center justify-center gap-2 bg-warning-soft px-3 py-1.5 text-center font-medium text-warning text-xs"
    >
      <FlaskConical className="size-4 shrink-0" aria-hidden />
      {t("shell.staging")}
    </p>
  );
}
