import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { cn } from "@/lib/cn";

const MINUTE = 60_000;
/** Less than this is worth a second look. */
const SOON = 60 * MINUTE;

/** How long records stay held for a request; counts down by itself. */
export function Expiry({ at }: { at: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), MINUTE / 2);
    return () => window.clearInterval(timer);
  }, []);
  const left = new Date(at).getTime() - now;
  const hours = Math.floor(left / (60 * MINUTE));
  const minutes = Math.floor((left % (60 * MINUTE)) / MINUTE);
  return (
    <time
      dateTime={at}
      title={format.dateTime(at)}
      className={cn("tabular whitespace-nowrap", left < SOON && "text-warning")}
    >
      {left < MINUTE
        ? t("requests.expires_now")
        : hours > 0
          ? t("requests.expires_hours", { hours, minutes })
          : t("requests.expires_minutes", { minutes })}
    </time>
  );
}
