import { Sparkles, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/components/feedback";

/** A record that has just come in the place of an invalid one. */
export function NewBadge() {
  const { t } = useTranslation();
  return <StatusBadge icon={Sparkles} tone="accent" label={t("customers.new")} />;
}

/** Somebody else has reserved this customer meanwhile. */
export function ConflictBadge() {
  const { t } = useTranslation();
  return <StatusBadge icon={TriangleAlert} tone="warning" label={t("pools.status.conflict")} />;
}
