import { Link } from "@tanstack/react-router";
import { Wrench } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { EntitySheet } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { SeverityBadge } from "./severity";
import type { Check } from "./types";
import { useCheckWords } from "./words";

const PAGES: Record<string, "/databases/$id" | "/member-wd/$id" | "/bonanza/$id"> = {
  normal: "/databases/$id",
  memberwd: "/member-wd/$id",
  bonanza: "/bonanza/$id",
};

/** One check explained: what it looks for, what it found, and what can be done about it. */
export function CheckSheet({
  check,
  onClose,
  onRepair,
}: {
  check: Check;
  onClose: () => void;
  onRepair: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useCheckWords();
  const { type, count, sample } = check;
  return (
    <EntitySheet
      open
      onClose={onClose}
      title={words.name(type)}
      footer={
        count > 0 && check.auto_fixable ? (
          <Button variant="primary" onClick={onRepair}>
            <Wrench aria-hidden />
            {t("health.repair.open")}
          </Button>
        ) : undefined
      }
    >
      <div className="grid gap-5 text-sm">
        <div className="flex flex-wrap items-center gap-2">
          <SeverityBadge check={check} />
          {check.checked_at && (
            <span className="text-muted text-xs">
              {t("health.checked", { when: format.relative(check.checked_at) })}
            </span>
          )}
        </div>
        <Part title={t("health.must_hold")}>{words.promise(type) ?? check.message}</Part>
        {count > 0 && <Part title={t("health.found")}>{words.finding(check)}</Part>}
        <Part title={t("health.what_to_do")}>
          {check.auto_fixable ? words.repair(type) : (words.advice(type) ?? t("health.decide"))}
        </Part>
        {sample.length > 0 && (
          <Part title={t("health.examples", { count: sample.length, formatted: format.number(count) })}>
            <ul className="divide-y rounded-md border border-border">
              {sample.map((row) => (
                <li key={row.id} className="flex flex-wrap items-baseline justify-between gap-x-3 px-3 py-2">
                  <code className="break-all text-xs">{row.id}</code>
                  <Where row={row} />
                </li>
              ))}
            </ul>
          </Part>
        )}
      </div>
    </EntitySheet>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid gap-1">
      <h3 className="font-medium text-muted text-xs">{title}</h3>
      <div>{children}</div>
    </section>
  );
}

function Where({ row }: { row: Check["sample"][number] }) {
  const { t } = useTranslation();
  const page = row.module && PAGES[row.module];
  if (page && row.database_id) {
    return (
      <Link
        to={page}
        params={{ id: row.database_id }}
        className="break-words text-accent-text text-xs underline"
      >
        {row.database_name}
      </Link>
    );
  }
  if (row.kind === "reservation") {
    return (
      <Link to="/reserved" search={{ open: row.id }} className="text-accent-text text-xs underline">
        {t("health.open_reservation")}
      </Link>
    );
  }
  return null;
}
