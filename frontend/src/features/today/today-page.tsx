import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/session";
import { PageHeader } from "@/components/layout";
import { todayOptions } from "./api";

export function TodayPage() {
  const { t } = useTranslation();
  const me = useMe();
  useQuery(todayOptions);
  return <PageHeader title={t("nav.today")} description={me.name} />;
}
