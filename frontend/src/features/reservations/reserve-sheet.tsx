import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { newIdempotencyKey } from "@/api/client";
import { fieldErrorsOf, isProblem } from "@/api/problem";
import { useCan } from "@/api/session";
import { FormSheet, toast, useProblemText } from "@/components/feedback";
import { Field, FormError } from "@/components/ui/field";
import { Input, Textarea } from "@/components/ui/input";
import { useDebounced } from "@/lib/use-debounced";
import { impactOptions, useReserve } from "./api";
import { ProductSelect, StaffSelect } from "./choices";
import { useEffectsText } from "./effects";
import { ImpactView } from "./impact-view";
import { linesOf } from "./lines";

const TEXT_MAX = 300;

const EMPTY = {
  customer_id: "",
  customer_name: "",
  phone_number: "",
  aliases: "",
  product_id: "",
  staff_id: "",
};

type FieldName = keyof typeof EMPTY;

/** Reserves a customer: at once for anybody by who manages reservations, as a request of one's own by the others. */
export function ReserveSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const effectsText = useEffectsText();
  const manages = useCan()("reservations.manage");
  const [key] = useState(newIdempotencyKey);
  const [values, setValues] = useState(EMPTY);
  const [missing, setMissing] = useState<Partial<Record<FieldName, string>>>({});
  const reserve = useReserve();

  const taken = isProblem(reserve.error) && reserve.error.code === "customer_taken" ? reserve.error : null;
  const owner = taken?.extras.reserved_by;
  const takenText =
    typeof owner === "string" ? t("reservations.taken_by", { name: owner }) : t("reservations.taken");
  const refused: Record<string, string | undefined> = fieldErrorsOf(reserve.error);
  if (taken) refused.customer_id = takenText;
  const errorOf = (name: FieldName) => missing[name] ?? refused[name];
  const placed = (Object.keys(EMPTY) as FieldName[]).some(errorOf);
  const set = (name: FieldName) => (value: string) => {
    setValues((before) => ({ ...before, [name]: value }));
    setMissing((before) => ({ ...before, [name]: undefined }));
    if (reserve.isError) reserve.reset();
  };
  const typed = (name: FieldName) => ({
    value: values[name],
    maxLength: TEXT_MAX,
    autoComplete: "off",
    onChange: (event: { target: { value: string } }) => set(name)(event.target.value),
  });

  function submit() {
    const found: typeof missing = {};
    if (!values.customer_id.trim()) found.customer_id = t("reservations.form.customer_missing");
    if (!values.product_id) found.product_id = t("reservations.form.product_missing");
    if (manages && !values.staff_id) found.staff_id = t("reservations.form.staff_missing");
    setMissing(found);
    if (Object.keys(found).length > 0) return;
    reserve.mutate(
      {
        key,
        customer_id: values.customer_id.trim(),
        product_id: values.product_id,
        staff_id: manages ? values.staff_id : undefined,
        customer_name: values.customer_name.trim() || undefined,
        phone_number: values.phone_number.trim() || undefined,
        aliases: linesOf(values.aliases),
      },
      {
        onSuccess: (made) => {
          toast.success(
            made.status === "approved"
              ? t("reservations.form.done", { customer: made.customer_id, name: made.staff_name })
              : t("reservations.form.asked", { customer: made.customer_id }),
            { description: effectsText(made) },
          );
          onClose();
        },
      },
    );
  }

  return (
    <FormSheet
      onClose={onClose}
      title={manages ? t("reservations.form.title") : t("reservations.form.ask")}
      description={manages ? undefined : t("reservations.form.ask_hint")}
      submitLabel={manages ? t("reservations.form.submit") : t("reservations.form.ask_submit")}
      busy={reserve.isPending}
      onSubmit={submit}
    >
      <Field
        label={t("reservations.form.customer")}
        hint={t("reservations.form.customer_hint")}
        error={errorOf("customer_id")}
      >
        <Input {...typed("customer_id")} spellCheck={false} autoCapitalize="off" />
      </Field>
      <Field label={t("reservations.product")} error={errorOf("product_id")}>
        <ProductSelect value={values.product_id} onChoose={set("product_id")} />
      </Field>
      {manages && (
        <Field label={t("reservations.owner")} error={errorOf("staff_id")}>
          <StaffSelect value={values.staff_id} onChoose={set("staff_id")} />
        </Field>
      )}
      {manages && <Preview values={values} />}
      <Field label={t("reservations.name")} optional={t("common.optional")} error={errorOf("customer_name")}>
        <Input {...typed("customer_name")} />
      </Field>
      <Field label={t("reservations.phone")} optional={t("common.optional")} error={errorOf("phone_number")}>
        <Input {...typed("phone_number")} type="tel" inputMode="tel" />
      </Field>
      {manages && (
        <Field
          label={t("reservations.form.aliases")}
          optional={t("common.optional")}
          hint={t("reservations.form.aliases_hint")}
          error={errorOf("aliases")}
        >
          <Textarea {...typed("aliases")} maxLength={undefined} spellCheck={false} autoCapitalize="off" />
        </Field>
      )}
      <FormError>{reserve.error && !placed ? problemText(reserve.error) : null}</FormError>
    </FormSheet>
  );
}

/** What saving would do now, as soon as customer, product and owner are known. */
function Preview({ values }: { values: typeof EMPTY }) {
  const { t } = useTranslation();
  const customer_id = useDebounced(values.customer_id.trim());
  const { product_id, staff_id } = values;
  const known = Boolean(customer_id && product_id && staff_id);
  const query = useQuery({ ...impactOptions({ customer_id, product_id, staff_id }), enabled: known });
  if (!known) return <p className="text-muted text-xs">{t("reservations.impact.not_yet")}</p>;
  return (
    <div className="grid gap-1.5">
      <ImpactView query={query} />
      {values.aliases.trim() && (
        <p className="text-muted text-xs">{t("reservations.impact.without_aliases")}</p>
      )}
    </div>
  );
}
