import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { newIdempotencyKey } from "@/api/client";
import { fieldErrorsOf } from "@/api/problem";
import { serverTimeOptions, useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { FormSheet, toast, useProblemText } from "@/components/feedback";
import { Switch } from "@/components/ui/checkbox";
import { Field, FormError } from "@/components/ui/field";
import { Input, NativeSelect, Textarea } from "@/components/ui/input";
import { productChoicesOptions } from "@/features/products";
import { isAmount, isTimes, parseAmount, parseTimes } from "./amounts";
import { useEdit } from "./api";
import type { Choice } from "./choices";
import { tambahanShown } from "./tambahan";
import type { DepositChange, DepositDetail } from "./types";

const NOTE_MAX = 2000;
const TEXT_MAX = 300;

/** Corrects a deposit; product, day and person only by those who manage deposits (spec 4.2). */
export function EditSheet({ deposit: now, onClose }: { deposit: DepositDetail; onClose: () => void }) {
  // What somebody else changes meanwhile must not become part of this change: it is compared with what was seen.
  const [deposit] = useState(now);
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const switchId = useId();
  const manages = useCan()("deposits.manage");
  const products = useQuery({ ...productChoicesOptions, enabled: manages });
  const staff = useQuery({ ...staffChoicesOptions, enabled: manages });
  const today = useQuery(serverTimeOptions).data?.today;
  const edit = useEdit(deposit.id);
  const [key, setKey] = useState(newIdempotencyKey);
  const [touched, setTouched] = useState<boolean>();
  const [missing, setMissing] = useState<Record<string, string | undefined>>({});
  const [values, setValues] = useState({
    customer_id: deposit.customer_id,
    customer_name: deposit.customer_name ?? "",
    nominal: format.number(deposit.nominal),
    depo_kelipatan: String(deposit.depo_kelipatan),
    keterangan: deposit.keterangan,
    product_id: deposit.product_id,
    staff_id: deposit.staff_id,
    record_date: deposit.record_date,
  });
  const refused = fieldErrorsOf(edit.error);
  const errorOf = (name: keyof typeof values) => missing[name] ?? refused[name];
  const placed = (Object.keys(values) as (keyof typeof values)[]).some(errorOf);
  const tambahan = tambahanShown(touched, deposit.tambahan, deposit.keterangan, values.keterangan);

  const field = (name: keyof typeof values) => ({
    value: values[name],
    autoComplete: "off",
    onChange: (event: { target: { value: string } }) => {
      const { value } = event.target;
      setValues((before) => ({ ...before, [name]: value }));
      setMissing((before) => ({ ...before, [name]: undefined }));
      if (edit.isError) edit.reset();
      // Another change is another intention.
      setKey(newIdempotencyKey());
    },
  });

  function submit() {
    const nominal = parseAmount(values.nominal);
    const times = parseTimes(values.depo_kelipatan);
    const found: typeof missing = {};
    if (!values.customer_id.trim()) found.customer_id = t("deposits.fault.customer_id");
    if (!isAmount(nominal)) found.nominal = t("deposits.fault.nominal");
    if (!isTimes(times)) found.depo_kelipatan = t("deposits.fault.depo_kelipatan");
    if (!values.record_date) found.record_date = t("deposits.fault.record_date");
    setMissing(found);
    if (Object.keys(found).length > 0) return;
    const wanted: DepositChange = {
      customer_id: values.customer_id.trim(),
      customer_name: values.customer_name.trim(),
      nominal,
      depo_kelipatan: times,
      keterangan: values.keterangan.trim(),
      tambahan,
      ...(manages && {
        product_id: values.product_id,
        staff_id: values.staff_id,
        record_date: values.record_date,
      }),
    };
    const before = { ...deposit, customer_name: deposit.customer_name ?? "" };
    const change = Object.fromEntries(
      Object.entries(wanted).filter(([name, value]) => value !== before[name as keyof typeof before]),
    ) as DepositChange;
    if (Object.keys(change).length === 0) return onClose();
    // The note could change it back: what is on screen is what is meant.
    if (change.keterangan !== undefined) change.tambahan = tambahan;
    edit.mutate(
      { key, version: deposit.version, ...change },
      {
        onSuccess: () => {
          toast.success(t("common.saved"));
          onClose();
        },
      },
    );
  }

  const named = (rows: readonly Choice[] | undefined, id: string, name: string) =>
    [...(rows?.some((row) => row.id === id) ? [] : [{ id, name }]), ...(rows ?? [])].map((row) => (
      <option key={row.id} value={row.id}>
        {row.name}
      </option>
    ));

  return (
    <FormSheet
      onClose={onClose}
      title={t("deposits.edit.title")}
      submitLabel={t("common.save")}
      busy={edit.isPending}
      onSubmit={submit}
    >
      {manages && (
        <>
          <Field label={t("deposits.product")} error={errorOf("product_id")}>
            <NativeSelect {...field("product_id")}>
              {named(products.data, deposit.product_id, deposit.product_name)}
            </NativeSelect>
          </Field>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t("deposits.staff")} error={errorOf("staff_id")}>
              <NativeSelect {...field("staff_id")}>
                {named(staff.data, deposit.staff_id, deposit.staff_name)}
              </NativeSelect>
            </Field>
            <Field label={t("deposits.day")} error={errorOf("record_date")}>
              <Input type="date" max={today} {...field("record_date")} />
            </Field>
          </div>
        </>
      )}
      <Field label={t("deposits.customer")} error={errorOf("customer_id")}>
        <Input maxLength={TEXT_MAX} spellCheck={false} {...field("customer_id")} />
      </Field>
      <Field label={t("deposits.name")} optional={t("common.optional")} error={errorOf("customer_name")}>
        <Input maxLength={TEXT_MAX} {...field("customer_name")} />
      </Field>
      <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,1fr)] gap-4">
        <Field label={t("deposits.nominal")} error={errorOf("nominal")}>
          <Input inputMode="decimal" className="tabular text-right" {...field("nominal")} />
        </Field>
        <Field label={t("deposits.times")} error={errorOf("depo_kelipatan")}>
          <Input inputMode="decimal" className="tabular text-right" {...field("depo_kelipatan")} />
        </Field>
      </div>
      <Field label={t("deposits.note")} optional={t("common.optional")} error={errorOf("keterangan")}>
        <Textarea maxLength={NOTE_MAX} {...field("keterangan")} />
      </Field>
      <div className="flex items-start justify-between gap-4">
        <div>
          <label htmlFor={switchId} className="font-medium text-sm">
            {t("deposits.tambahan")}
          </label>
          <p className="text-muted text-xs">{t("deposits.tambahan_hint")}</p>
        </div>
        <Switch id={switchId} checked={tambahan} onCheckedChange={setTouched} />
      </div>
      <FormError>{edit.error && !placed ? problemText(edit.error) : null}</FormError>
    </FormSheet>
  );
}
