import { Sparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/components/feedback";

/** A record that has just come in the place of an invalid one. */
export function NewBadge() {
  const { t } = useTranslation();
  return <StatusBadge icon={Sparkles} tone="accent" label={t("customers.new")} />;
}
