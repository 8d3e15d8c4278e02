import { Link } from "@tanstack/react-router";
import { ArrowUpRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { EntitySheet, Fact } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/surface";
import { useWhy } from "@/lib/reason-name";
import type { Trace } from "./api";
import { targetOf } from "./target";
import { useTraceWords } from "./words";

/** One entry with everything that was kept of it. */
export function TraceSheet({
  trace,
  loading,
  onClose,
}: {
  trace: Trace | undefined;
  loading: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const words = useTraceWords();
  const target = trace && targetOf(trace);
  return (
    <EntitySheet
      open
      onClose={onClose}
      title={trace ? words.action(trace) : t("audit.entry")}
      description={trace && words.kind(trace.kind)}
      footer={
        target && (
          <Button asChild>
            <Link {...target}>
              <ArrowUpRight aria-hidden />
              {t("audit.open_object")}
            </Link>
          </Button>
        )
      }
    >
      {trace ? (
        <Facts trace={trace} />
      ) : loading ? (
        <Skeleton className="h-40" />
      ) : (
        <p>{t("audit.not_on_page")}</p>
      )}
    </EntitySheet>
  );
}

function Facts({ trace }: { trace: Trace }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useTraceWords();
  const why = useWhy();
  const details = Object.entries(trace.detail);
  return (
    <div className="grid gap-6">
      <dl className="divide-y rounded-md border border-border text-sm">
        <Fact label={t("audit.who")}>{words.actor(trace.actor_name)}</Fact>
        <Fact label={t("audit.when")}>{format.dateTime(trace.at)}</Fact>
        <Fact label={t("audit.address")}>{trace.address ?? "–"}</Fact>
        {trace.object_name && <Fact label={words.kind(trace.kind)}>{trace.object_name}</Fact>}
        {trace.reason && <Fact label={t("audit.reason")}>{why(trace.reason)}</Fact>}
        <Fact label={t("audit.object")}>{trace.object_id}</Fact>
        <Fact label={t("audit.request")}>{trace.request_id}</Fact>
        <Fact label={t("audit.code")}>{trace.action}</Fact>
      </dl>
      {details.length > 0 && (
        <section className="grid gap-2">
          <h3 className="font-medium text-sm">{t("audit.details")}</h3>
          <dl className="divide-y rounded-md border border-border text-sm">
            {details.map(([name, value]) => (
              <Fact key={name} label={words.detail(name)}>
                {plain(value, format.number)}
              </Fact>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}

/** A small fact as text: lists by commas, anything deeper as it was kept. */
function plain(value: unknown, number: (value: number) => string): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "number") return number(value);
  if (Array.isArray(value)) return value.map((each) => plain(each, number)).join(", ") || "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
