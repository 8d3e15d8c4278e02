import { Link } from "@tanstack/react-router";
import { CalendarClock, Webhook } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { mayOpen, useCan, useMe } from "@/api/session";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import { ClosedBooks, Recalculate } from "@/features/deposits";
import { DigestPreviews, TelegramSettings } from "@/features/notifications";
import { MODULES } from "@/features/pools";
import { AutoApprovalSettings } from "@/features/requests";
import { ReplacementSettings } from "@/features/validation";
import { AccessLimitsSettings } from "./access-limits";
import { ReasonCodes } from "./reason-codes";

/** Rules that hold for everybody (spec 6.1). */
export function SettingsPage() {
  const { t } = useTranslation();
  const can = useCan();
  const me = useMe();
  return (
    <>
      <PageHeader
        title={t("settings.title")}
        description={t("settings.description")}
        actions={
          <>
            {can("webhooks.manage") && (
              <Button asChild>
                <Link to="/admin/settings/webhooks">
                  <Webhook aria-hidden />
                  {t("webhooks.title")}
                </Link>
              </Button>
            )}
            {can("jobs.manage") && (
              <Button asChild>
                <Link to="/admin/settings/jobs">
                  <CalendarClock aria-hidden />
                  {t("jobs.title")}
                </Link>
              </Button>
            )}
          </>
        }
      />
      <div className="grid max-w-4xl gap-8">
        {can("requests.review") && (
          <Section title={t("requests.auto.title")} description={t("requests.auto.description")}>
            <Card className="p-4">
              <AutoApprovalSettings />
            </Card>
          </Section>
        )}
        {can("validation.manage") && (
          <>
            <Section title={t("validation.rules.title")} description={t("validation.rules.description")}>
              <Card className="divide-y">
                {MODULES.map((module) => (
                  <div key={module} className="p-4">
                    <ReplacementSettings module={module} />
                  </div>
                ))}
              </Card>
            </Section>
            <Section title={t("settings.reasons.title")} description={t("settings.reasons.description")}>
              <Card>
                <ReasonCodes />
              </Card>
            </Section>
          </>
        )}
        {can("deposits.manage") && mayOpen(me, "omset") && (
          <>
            <Section title={t("deposits.books.title")} description={t("deposits.books.description")}>
              <Card className="p-4">
                <ClosedBooks />
              </Card>
            </Section>
            <Section
              title={t("deposits.recalculate.title")}
              description={t("deposits.recalculate.description")}
            >
              <Card className="p-4">
                <Recalculate />
              </Card>
            </Section>
          </>
        )}
        {can("jobs.manage") && (
          <>
            <Section title={t("channels.preview_title")} description={t("channels.preview_description")}>
              <Card className="p-4">
                <DigestPreviews />
              </Card>
            </Section>
            <Section title={t("channels.title")} description={t("channels.description")}>
              <Card className="p-4">
                <TelegramSettings />
              </Card>
            </Section>
          </>
        )}
        {can("users.manage") && (
          <Section title={t("settings.access.title")} description={t("settings.access.description")}>
            <Card className="p-4">
              <AccessLimitsSettings />
            </Card>
          </Section>
        )}
      </div>
    </>
  );
}

function Section({
  title,
  description,
  children,
}: {
  title: string;
  description: string;
  children: ReactNode;
}) {
  return (
    <section className="grid gap-3">
      <div>
        <h2 className="font-semibold text-base">{title}</h2>
        <p className="text-muted text-sm">{description}</p>
      </div>
      {children}
    </section>
  );
}
