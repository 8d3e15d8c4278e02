import { Hourglass, Zap } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { RadioGroup, RadioItem } from "@/components/ui/checkbox";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/surface";
import type { Requestable } from "./types";

/** Of which database: found by its name or product, with how many there are. Its rows are never shown (spec 2.3). */
export function DatabasePicker({
  databases,
  q,
  onSearch,
  chosen,
  onChoose,
  error,
}: {
  databases: readonly Requestable[] | undefined;
  q: string;
  onSearch: (q: string) => void;
  chosen: string | undefined;
  onChoose: (id: string) => void;
  error?: string;
}) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <fieldset className="grid gap-2" aria-describedby={error ? `${id}-error` : undefined}>
      <legend className="pb-1.5 font-medium text-sm">{t("requests.ask.database")}</legend>
      <Input
        type="search"
        value={q}
        onChange={(event) => onSearch(event.target.value)}
        // Enter belongs to the form, but who searches has not chosen yet.
        onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
        placeholder={t("requests.ask.search")}
        aria-label={t("requests.ask.search")}
        autoComplete="off"
        spellCheck={false}
      />
      <div className="max-h-72 overflow-y-auto rounded-md border border-border">
        {databases === undefined ? (
          <div aria-busy className="grid gap-2 p-3">
            <Skeleton className="h-9" />
            <Skeleton className="h-9" />
            <Skeleton className="h-9" />
          </div>
        ) : databases.length === 0 ? (
          <p className="p-3 text-muted text-sm">
            {q.trim() ? t("table.nothing_found") : t("requests.ask.no_databases")}
          </p>
        ) : (
          <RadioGroup
            value={chosen ?? ""}
            onValueChange={onChoose}
            aria-label={t("requests.ask.database")}
            className="gap-0 divide-y"
          >
            {databases.map((database) => (
              <Choice key={database.id} id={`${id}-${database.id}`} database={database} />
            ))}
          </RadioGroup>
        )}
      </div>
      {error && (
        <p id={`${id}-error`} role="alert" className="text-danger text-xs">
          {error}
        </p>
      )}
    </fieldset>
  );
}

function Choice({ id, database }: { id: string; database: Requestable }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="flex items-center gap-3 px-3 py-2 text-sm has-[[data-state=checked]]:bg-accent-soft">
      <RadioItem id={id} value={database.id} disabled={database.available_count === 0} />
      <label htmlFor={id} className="min-w-0 flex-1">
        <span className="block break-words font-medium">{database.name}</span>
        <span className="block break-words text-muted text-xs">{database.product_name}</span>
      </label>
      <span className="tabular shrink-0 text-right text-xs">
        {t("requests.ask.available", {
          count: database.available_count,
          formatted: format.number(database.available_count),
        })}
        {database.pending_request_id && (
          <span className="block text-info">{t("requests.ask.already_asked")}</span>
        )}
      </span>
    </div>
  );
}

/** Whether the asker gets them now or somebody decides first. */
export function ApprovalNote({ database }: { database: Requestable }) {
  const { t } = useTranslation();
  const Icon = database.is_auto_approved ? Zap : Hourglass;
  return (
    <p className="flex items-start gap-2 rounded-md bg-surface-2 px-3 py-2 text-sm" aria-live="polite">
      <Icon className="mt-0.5 size-4 shrink-0 text-muted" aria-hidden />
      {t(database.is_auto_approved ? "requests.ask.at_once" : "requests.ask.decided")}
    </p>
  );
}
