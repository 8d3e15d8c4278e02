import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { newIdempotencyKey } from "@/api/client";
import { fieldErrorsOf } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { ErrorState, FormSheet, toast, useProblemText } from "@/components/feedback";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useDebounced } from "@/lib/use-debounced";
import { requestableOptions, useAskForRecords } from "./api";
import { ApprovalNote, DatabasePicker } from "./database-picker";
import type { RecordRequest } from "./types";

const COUNT_MAX = 100_000;

/** Asks for records (spec 2.3): of which database, how many, and whether somebody has to decide first. */
export function RequestSheet({
  open,
  onClose,
  databaseId,
}: {
  open: boolean;
  onClose: () => void;
  /** Chosen from the start, when the asker comes from one of its batches. */
  databaseId?: string;
}) {
  return open ? <RequestForm onClose={onClose} databaseId={databaseId} /> : null;
}

function RequestForm({ onClose, databaseId }: { onClose: () => void; databaseId?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const say = useOutcome();
  const [key] = useState(newIdempotencyKey);
  const [q, setQ] = useState("");
  const [chosen, setChosen] = useState(databaseId);
  const [count, setCount] = useState("20");
  const [missing, setMissing] = useState<{ database_id?: string; record_count?: string }>({});
  const settled = useDebounced(q.trim());
  const query = useQuery(requestableOptions(settled));
  const ask = useAskForRecords();

  const database = query.data?.find((entry) => entry.id === chosen);
  const wanted = Number(count);
  const countable = Number.isInteger(wanted) && wanted >= 1 && wanted <= COUNT_MAX;
  const refused = fieldErrorsOf(ask.error);
  const errors = {
    database_id: missing.database_id ?? refused.database_id,
    record_count: missing.record_count ?? refused.record_count,
  };
  const placed = Boolean(errors.database_id || errors.record_count);

  function submit() {
    const found: typeof missing = {};
    if (!chosen) found.database_id = t("requests.ask.database_missing");
    if (!countable) found.record_count = t("requests.ask.count_invalid", { max: format.number(COUNT_MAX) });
    setMissing(found);
    if (!chosen || !countable) return;
    ask.mutate(
      { databaseId: chosen, count: wanted, key },
      {
        onSuccess: (request) => {
          say(request);
          onClose();
        },
      },
    );
  }

  return (
    <FormSheet
      onClose={onClose}
      title={t("requests.ask.title")}
      submitLabel={
        countable
          ? t("requests.ask.submit_count", { count: wanted, formatted: format.number(wanted) })
          : t("requests.ask.open")
      }
      busy={ask.isPending}
      onSubmit={submit}
      className="grid gap-5"
    >
      <Field
        label={t("requests.ask.count")}
        error={errors.record_count}
        hint={
          database && countable && wanted > database.available_count
            ? t("requests.ask.more_than_available", { formatted: format.number(database.available_count) })
            : undefined
        }
      >
        <Input
          inputMode="numeric"
          autoComplete="off"
          className="tabular w-40"
          value={count}
          onChange={(event) => {
            setCount(event.target.value);
            setMissing((before) => ({ ...before, record_count: undefined }));
          }}
        />
      </Field>
      {query.isError && query.data === undefined ? (
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      ) : (
        <DatabasePicker
          databases={query.data}
          q={q}
          onSearch={setQ}
          chosen={chosen}
          onChoose={(id) => {
            setChosen(id);
            setMissing((before) => ({ ...before, database_id: undefined }));
          }}
          error={errors.database_id}
        />
      )}
      {database && <ApprovalNote database={database} />}
      <FormError>{ask.error && !placed ? problemText(ask.error) : null}</FormError>
    </FormSheet>
  );
}

/** Says how a request went; what was given at once is one press away. */
function useOutcome() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  return (request: RecordRequest) => {
    if (request.status !== "approved") {
      const values = { count: request.record_count, formatted: format.number(request.record_count) };
      toast.success(t("requests.ask.waiting", values), { description: request.database_name });
      return;
    }
    const values = { count: request.assigned_count, formatted: format.number(request.assigned_count) };
    const { batch_id } = request;
    toast.success(t("requests.ask.given", values), {
      description: request.database_name,
      duration: 10_000,
      action: batch_id
        ? {
            label: t("requests.open_batch"),
            onClick: () => void navigate({ to: "/customers", search: { group: `batch:${batch_id}` } }),
          }
        : undefined,
    });
  };
}
