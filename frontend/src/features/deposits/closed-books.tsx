import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrorsOf } from "@/api/problem";
import { serverTimeOptions, useFormat } from "@/api/server-time";
import { ErrorState, toast, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/surface";
import { ledgerSettingsOptions, useCloseBooks } from "./api";
import type { LedgerSettings } from "./types";

/** Up to which day nothing that counts can be changed any more (spec 4.2). */
export function ClosedBooks() {
  const query = useQuery(ledgerSettingsOptions);
  if (query.data) return <ClosedBooksForm key={query.data.updated_at ?? ""} settings={query.data} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return (
    <div aria-busy className="grid gap-3">
      <Skeleton className="h-8 w-48" />
    </div>
  );
}

function ClosedBooksForm({ settings }: { settings: LedgerSettings }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const today = useQuery(serverTimeOptions).data?.today;
  const save = useCloseBooks();
  const stored = settings.ledger_closed_until ?? "";
  const [day, setDay] = useState(stored);
  const fault = fieldErrorsOf(save.error).ledger_closed_until;
  return (
    <form
      noValidate
      aria-label={t("deposits.books.title")}
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(day || null, { onSuccess: () => toast.success(t("common.saved")) });
      }}
    >
      <Field label={t("deposits.books.until")} hint={t("deposits.books.hint")} error={fault}>
        <Input
          type="date"
          className="w-44"
          min="2000-01-01"
          max={today}
          value={day}
          onChange={(event) => setDay(event.target.value)}
        />
      </Field>
      <FormError>{save.error && !fault ? problemText(save.error) : null}</FormError>
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" disabled={day === stored} busy={save.isPending}>
          {t("common.save")}
        </Button>
        {settings.updated_at && (
          <span className="text-muted text-xs">
            {t("settings.changed", {
              date: format.dateTime(settings.updated_at),
              name: settings.updated_by ?? "–",
            })}
          </span>
        )}
      </div>
    </form>
  );
}
