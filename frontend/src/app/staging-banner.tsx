import { useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useTranslation } from "react-i18next";
import { serverTimeOptions } from "@/api/server-time";

/** Says above every page, the sign-in too, that this is not the desk people work at. */
export function StagingBanner() {
  const { t } = useTranslation();
  const { data } = useQuery(serverTimeOptions);
  if (data?.instance !== "staging") return null;
  return (
    <p
      role="note"
      className="flex items-center justify-center gap-2 bg-warning-soft px-3 py-1.5 text-center font-medium text-warning text-xs"
    >
      <FlaskConical className="size-4 shrink-0" aria-hidden />
      {t("shell.staging")}
    </p>
  );
}
