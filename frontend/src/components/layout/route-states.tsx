import { Link, useRouter } from "@tanstack/react-router";
import { Ban, FileQuestion } from "lucide-react";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/api/problem";
import { EmptyState, ErrorState } from "@/components/feedback/states";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { PageHeader } from "./page-header";

/** Thrown by a route's guard; the server would say 403 to its data as well. */
export class ForbiddenError extends Error {
  override name = "ForbiddenError";
}

function ToToday() {
  const { t } = useTranslation();
  return (
    <Button asChild>
      <Link to="/">{t("states.to_today")}</Link>
    </Button>
  );
}

export function Forbidden() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t("states.forbidden")} />
      <EmptyState icon={Ban} title="403" description={t("states.forbidden_hint")} action={<ToToday />} />
    </>
  );
}

export function RouteNotFound() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t("states.not_found")} />
      <EmptyState
        icon={FileQuestion}
        title="404"
        description={t("states.not_found_hint")}
        action={<ToToday />}
      />
    </>
  );
}

export function RouteError({ error }: { error: unknown }) {
  const router = useRouter();
  if (error instanceof ForbiddenError || (isProblem(error) && error.status === 403)) return <Forbidden />;
  if (isProblem(error) && error.status === 404) return <RouteNotFound />;
  return <ErrorState error={error} onRetry={() => void router.invalidate()} />;
}

export function RoutePending() {
  return (
    <div aria-busy className="grid gap-3">
      <Skeleton className="h-7 w-48" />
      <Skeleton className="h-64 w-full" />
    </div>
  );
}
