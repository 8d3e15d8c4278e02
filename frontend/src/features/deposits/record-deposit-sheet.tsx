import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { newIdempotencyKey } from "@/api/client";
import { fieldErrorsOf } from "@/api/problem";
import { serverTimeOptions, useFormat } from "@/api/server-time";
import { FormSheet, toast, useProblemText } from "@/components/feedback";
import { Field, FormError } from "@/components/ui/field";
import { Input, Textarea } from "@/components/ui/input";
import { useDebounced } from "@/lib/use-debounced";
import { isAmount, parseAmount, parseTimes } from "./amounts";
import { book, previewOptions, useRefresh } from "./api";
import { type Draft, EMPTY_DRAFT, faultsOf, formOf, type Place } from "./entry-form";
import { PreviewLine } from "./preview-line";

/** Of whom a deposit is recorded. Without `staff_id` it is the reader's own. */
export type DepositCustomer = {
  customer_id: string;
  customer_name: string;
  product_id: string;
  product_name: string;
  staff_id?: string;
  staff_name: string;
};

/** One deposit of a customer who is known already, from wherever they are on screen: what it would be is said before. */
export function RecordDepositSheet({
  customer,
  onClose,
}: {
  customer: DepositCustomer;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const refresh = useRefresh();
  const today = useQuery(serverTimeOptions).data?.today;
  const [chosenDay, setDay] = useState<string>();
  const [key, setKey] = useState(newIdempotencyKey);
  const [told, setTold] = useState(false);
  const [draft, setDraft] = useState<Draft>({
    ...EMPTY_DRAFT,
    customer_id: customer.customer_id,
    customer_name: customer.customer_name,
  });
  const day = chosenDay ?? today ?? "";
  const place: Place = { product_id: customer.product_id, record_date: day, staff_id: customer.staff_id };
  const form = formOf(draft, place);
  const asked = useDebounced(form);
  const preview = useQuery({ ...previewOptions([asked]), enabled: asked.record_date !== "" });
  const isCurrent = JSON.stringify(asked) === JSON.stringify(form);
  const save = useMutation({
    mutationFn: () => book(form, key),
    onSettled: refresh,
    meta: { ownError: true },
  });
  const refused = fieldErrorsOf(save.error);
  const faults = told ? faultsOf(draft) : [];
  const errorOf = (name: "nominal" | "depo_kelipatan") =>
    faults.includes(name) ? t(`deposits.fault.${name}`) : refused[name];
  const placed = ["nominal", "depo_kelipatan", "record_date", "keterangan"].some((name) => refused[name]);

  const changed = () => {
    if (save.isError) save.reset();
    // Another deposit is another intention.
    setKey(newIdempotencyKey());
  };
  const typed = (name: "nominal" | "depo_kelipatan" | "keterangan") => ({
    value: draft[name],
    autoComplete: "off",
    onChange: (event: { target: { value: string } }) => {
      const { value } = event.target;
      setDraft((now) => ({ ...now, [name]: value }));
      changed();
    },
  });
  const amount = parseAmount(draft.nominal);
  const times = parseTimes(draft.depo_kelipatan);

  return (
    <FormSheet
      onClose={onClose}
      title={t("deposits.record.title", { customer: customer.customer_id })}
      description={[customer.product_name, customer.staff_id && customer.staff_name]
        .filter(Boolean)
        .join(" · ")}
      submitLabel={t("deposits.entry.book")}
      busy={save.isPending}
      onSubmit={() => {
        setTold(true);
        if (faultsOf(draft).length > 0 || !day) return;
        save.mutate(undefined, {
          onSuccess: (deposit) => {
            toast.success(
              t(deposit.approval_status === "pending" ? "deposits.record.waits" : "deposits.record.saved"),
            );
            onClose();
          },
        });
      }}
    >
      <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,1fr)] gap-4">
        <Field label={t("deposits.nominal")} error={errorOf("nominal")}>
          <Input
            {...typed("nominal")}
            autoFocus
            inputMode="decimal"
            className="tabular text-right"
            onBlur={() =>
              setDraft((now) => {
                const value = parseAmount(now.nominal);
                return isAmount(value) ? { ...now, nominal: format.number(value) } : now;
              })
            }
          />
        </Field>
        <Field label={t("deposits.times")} error={errorOf("depo_kelipatan")}>
          <Input
            {...typed("depo_kelipatan")}
            inputMode="decimal"
            placeholder="1"
            className="tabular text-right"
          />
        </Field>
      </div>
      <Field label={t("deposits.day")} error={refused.record_date}>
        <Input
          type="date"
          required
          max={today}
          value={day}
          onChange={(event) => {
            setDay(event.target.value);
            changed();
          }}
        />
      </Field>
      <Field label={t("deposits.note")} optional={t("common.optional")} error={refused.keterangan}>
        <Textarea maxLength={2000} {...typed("keterangan")} />
      </Field>
      <PreviewLine
        preview={isCurrent ? preview.data?.[0] : undefined}
        asking={!preview.isError}
        error={isCurrent ? preview.error : null}
        total={isAmount(amount) && times ? amount * times : null}
      />
      <FormError>{save.error && !placed ? problemText(save.error) : null}</FormError>
    </FormSheet>
  );
}
