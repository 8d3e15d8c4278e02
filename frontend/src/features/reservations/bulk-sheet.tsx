import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { newIdempotencyKey } from "@/api/client";
import { fieldErrorsOf } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { EntitySheet, FormSheet, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { useCodeText } from "@/lib/code-text";
import { useReserveMany } from "./api";
import { ProductSelect, StaffSelect } from "./choices";
import { useEffectsText } from "./effects";
import { linesOf } from "./lines";
import type { BulkReserved } from "./types";

/** The most the server takes at once. */
const MANY_MAX = 1000;

/** Reserves many customers for one person, one id per line; says which were added, and why the others were not. */
export function BulkSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const [key] = useState(newIdempotencyKey);
  const [text, setText] = useState("");
  const [productId, setProductId] = useState("");
  const [staffId, setStaffId] = useState("");
  const [checked, setChecked] = useState(false);
  const reserve = useReserveMany();
  const ids = linesOf(text);

  if (reserve.data) return <Result result={reserve.data} onClose={onClose} />;

  const refused = fieldErrorsOf(reserve.error);
  const tooMany =
    ids.length > MANY_MAX && t("reservations.bulk.over_limit", { max: format.number(MANY_MAX) });
  const none = ids.length === 0 && t("reservations.bulk.none");
  const errors = {
    customer_ids: (checked && (none || tooMany)) || refused.customer_ids,
    product_id: checked && !productId ? t("reservations.form.product_missing") : refused.product_id,
    staff_id: checked && !staffId ? t("reservations.form.staff_missing") : refused.staff_id,
  };
  const placed = Object.values(errors).some(Boolean);

  function submit() {
    setChecked(true);
    if (none || tooMany || !productId || !staffId) return;
    reserve.mutate({ key, customer_ids: ids, product_id: productId, staff_id: staffId });
  }

  return (
    <FormSheet
      onClose={onClose}
      title={t("reservations.bulk.title")}
      description={t("reservations.bulk.hint")}
      submitLabel={
        ids.length > 0
          ? t("reservations.bulk.submit", { count: ids.length, formatted: format.number(ids.length) })
          : t("reservations.form.submit")
      }
      busy={reserve.isPending}
      onSubmit={submit}
    >
      <Field label={t("reservations.product")} error={errors.product_id}>
        <ProductSelect value={productId} onChoose={setProductId} />
      </Field>
      <Field label={t("reservations.owner")} error={errors.staff_id}>
        <StaffSelect value={staffId} onChoose={setStaffId} />
      </Field>
      <Field
        label={t("reservations.bulk.customers")}
        hint={t("reservations.bulk.lines", { count: ids.length, formatted: format.number(ids.length) })}
        error={errors.customer_ids}
      >
        <Textarea
          className="min-h-56 font-mono text-xs"
          value={text}
          onChange={(event) => setText(event.target.value)}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
        />
      </Field>
      <FormError>{reserve.error && !placed ? problemText(reserve.error) : null}</FormError>
    </FormSheet>
  );
}

function Result({ result, onClose }: { result: BulkReserved; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  const effects = useEffectsText()({
    records_marked_reserved: result.records_marked_reserved,
    invalidated_records: result.invalidated_conflicts,
  });
  const counted = (count: number) => ({ count, formatted: format.number(count) });
  return (
    <EntitySheet
      open
      onClose={onClose}
      title={t("reservations.bulk.title")}
      footer={
        <Button variant="primary" onClick={onClose}>
          {t("common.close")}
        </Button>
      }
    >
      <div className="grid gap-5" role="status">
        <section className="grid gap-1">
          <p className="flex items-center gap-2 font-medium text-sm">
            <CircleCheck className="size-4 text-success" aria-hidden />
            {t("reservations.bulk.added", counted(result.added_count))}
          </p>
          {effects && <p className="text-muted text-sm">{effects}</p>}
          {result.added.length > 0 && (
            <ul
              aria-label={t("reservations.bulk.added", counted(result.added_count))}
              className="mt-1 max-h-44 divide-y overflow-y-auto rounded-md border border-border text-sm"
            >
              {result.added.map((id) => (
                <li key={id} className="break-words px-3 py-1.5">
                  {id}
                </li>
              ))}
            </ul>
          )}
        </section>
        {result.skipped.length > 0 && (
          <section className="grid gap-2">
            <h3 className="font-medium text-sm">
              {t("reservations.bulk.skipped", counted(result.skipped_count))}
            </h3>
            <ul
              aria-label={t("reservations.bulk.skipped", counted(result.skipped_count))}
              className="max-h-72 divide-y overflow-y-auto rounded-md border border-border text-sm"
            >
              {result.skipped.map(({ customer_id, reason }, index) => (
                <li
                  // biome-ignore lint/suspicious/noArrayIndexKey: the same id may be skipped twice, and the list stays
                  key={`${customer_id}:${index}`}
                  className="flex flex-wrap justify-between gap-x-3 px-3 py-1.5"
                >
                  <span className="min-w-0 break-words">{customer_id}</span>
                  <span className="text-muted">{codeText("reservations.skip", reason, reason)}</span>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </EntitySheet>
  );
}
