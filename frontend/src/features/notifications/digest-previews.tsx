import { useQuery } from "@tanstack/react-query";
import { Eye } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { DIGESTS, type DigestName, previewOptions } from "./channel-api";

/** What each digest would tell if it were time now; looking at it tells nobody. */
export function DigestPreviews() {
  const { t } = useTranslation();
  const [shown, show] = useState<DigestName>();
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap gap-2">
        {DIGESTS.map((digest) => (
          <Button
            key={digest}
            aria-pressed={shown === digest}
            variant={shown === digest ? "primary" : "secondary"}
            onClick={() => show(shown === digest ? undefined : digest)}
          >
            <Eye aria-hidden />
            {t(`channels.digest.${digest}`)}
          </Button>
        ))}
      </div>
      {shown && <Preview key={shown} digest={shown} />}
    </div>
  );
}

function Preview({ digest }: { digest: DigestName }) {
  const { t } = useTranslation();
  const query = useQuery(previewOptions(digest));
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <Skeleton className="h-24" />;
  const { text, people, sends } = query.data;
  return (
    <section aria-label={t("channels.preview")} className="grid gap-2">
      <p className="whitespace-pre-line break-words rounded-md border border-border bg-surface-2 p-3 text-sm">
        {text}
      </p>
      <p className="text-muted text-xs">
        {t("channels.preview_people", { count: people })} ·{" "}
        {sends ? t("channels.preview_sends") : t("channels.preview_stays")}
      </p>
    </section>
  );
}
