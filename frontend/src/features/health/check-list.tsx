import { ChevronRight, Wrench } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import { SeverityBadge } from "./severity";
import type { Check } from "./types";
import { useCheckWords } from "./words";

const ORDER = ["high", "medium", "low"];

/** What is at fault, the worst first, and then what is proven to be in order. */
export function CheckList({
  checks,
  onOpen,
  onRepair,
}: {
  checks: Check[];
  onOpen: (type: string) => void;
  onRepair: (type: string) => void;
}) {
  const { t } = useTranslation();
  const bad = checks
    .filter((check) => check.count > 0)
    .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  const clean = checks.filter((check) => check.count === 0);
  return (
    <div className="grid gap-6">
      {bad.length > 0 && (
        <section className="grid gap-2">
          <h2 className="font-semibold text-base">{t("health.at_fault")}</h2>
          <Card className="divide-y">
            {bad.map((check) => (
              <Row key={check.type} check={check} onOpen={onOpen} onRepair={onRepair} />
            ))}
          </Card>
        </section>
      )}
      {clean.length > 0 && (
        <section className="grid gap-2">
          <h2 className="font-semibold text-base">{t("health.in_order")}</h2>
          <Card className="divide-y">
            {clean.map((check) => (
              <Row key={check.type} check={check} onOpen={onOpen} onRepair={onRepair} />
            ))}
          </Card>
        </section>
      )}
    </div>
  );
}

function Row({
  check,
  onOpen,
  onRepair,
}: {
  check: Check;
  onOpen: (type: string) => void;
  onRepair: (type: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useCheckWords();
  const name = words.name(check.type);
  return (
    <div data-testid={`check-${check.type}`} className="flex items-center gap-3 px-4 py-2.5">
      <button
        type="button"
        onClick={() => onOpen(check.type)}
        aria-label={t("health.explain_named", { name })}
        className="grid min-w-0 flex-1 gap-0.5 text-left sm:grid-cols-[minmax(0,1fr)_auto] sm:items-center sm:gap-4"
      >
        <span className="grid gap-0.5">
          <span className="font-medium text-sm">{name}</span>
          <span className="text-muted text-xs">
            {check.count > 0 ? words.finding(check) : words.promise(check.type)}
          </span>
        </span>
        <span className="flex items-center gap-2">
          {check.count > 0 && (
            <span className="tabular font-semibold text-sm">{format.number(check.count)}</span>
          )}
          <SeverityBadge check={check} />
        </span>
      </button>
      {check.count > 0 && check.auto_fixable && (
        <Button
          size="sm"
          onClick={() => onRepair(check.type)}
          aria-label={t("health.repair_named", { name })}
        >
          <Wrench aria-hidden />
          <span className="max-sm:sr-only">{t("health.repair.open")}</span>
        </Button>
      )}
      <ChevronRight className="size-4 shrink-0 text-muted" aria-hidden />
    </div>
  );
}
