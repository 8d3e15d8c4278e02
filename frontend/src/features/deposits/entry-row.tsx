import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { type KeyboardEvent, type RefObject, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Button } from "@/components/ui/button";
import { Switch } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Card } from "@/components/ui/surface";
import { useDebounced } from "@/lib/use-debounced";
import { isAmount, parseAmount, parseTimes } from "./amounts";
import { previewOptions } from "./api";
import { CustomerField } from "./customer-field";
import {
  type Draft,
  type DraftField,
  EMPTY_DRAFT,
  faultsOf,
  formOf,
  isTambahan,
  type Place,
} from "./entry-form";
import { isCells } from "./paste";
import { PreviewLine } from "./preview-line";
import { saysTambahan } from "./tambahan";
import type { BookForm } from "./types";

/**
 * The row that is being entered: Tab goes on, Enter books it as soon as it is complete and begins the next one at once.
 * Its class and why stand below it before it is saved.
 */
export function EntryRow({
  place,
  draft,
  onDraft,
  onBook,
  onCells,
  customerRef,
}: {
  place: Place;
  draft: Draft;
  /** What is typed next may overtake what is drawn: changes are made to what is, not to what is on screen. */
  onDraft: (change: (draft: Draft) => Draft) => void;
  onBook: (form: BookForm) => void;
  onCells: (text: string) => void;
  customerRef: RefObject<HTMLInputElement | null>;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const nominalRef = useRef<HTMLInputElement>(null);
  const timesRef = useRef<HTMLInputElement>(null);
  const [told, setTold] = useState(false);
  const faults = faultsOf(draft);
  const faultOf = (name: "customer_id" | "nominal" | "depo_kelipatan") =>
    told && faults.includes(name) ? t(`deposits.fault.${name}`) : undefined;

  const asked = useDebounced(formOf(draft, place));
  const preview = useQuery({
    ...previewOptions([asked]),
    enabled: asked.customer_id !== "" && asked.product_id !== "",
  });
  const current = formOf(draft, place);
  // A class that belongs to what was typed before would be worse than none.
  const isCurrent = JSON.stringify(asked) === JSON.stringify(current);
  const found = isCurrent && asked.customer_id ? preview.data?.[0] : undefined;

  const set = (patch: Partial<Draft>) => onDraft((now) => ({ ...now, ...patch }));
  const typed = (name: Exclude<DraftField, "tambahan" | "customer_id">) => ({
    value: draft[name],
    autoComplete: "off",
    onChange: (event: { target: { value: string } }) => set({ [name]: event.target.value }),
  });

  function book() {
    const first = faults[0];
    if (first) {
      setTold(true);
      const fields = { customer_id: customerRef, nominal: nominalRef, depo_kelipatan: timesRef };
      fields[first as keyof typeof fields].current?.focus();
      return;
    }
    setTold(false);
    onBook(formOf(draft, place));
    onDraft(() => EMPTY_DRAFT);
    customerRef.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent<HTMLFormElement>) {
    if (event.key !== "Enter" || event.defaultPrevented) return;
    if (!(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    // Half a row is not booked by mistake: Enter goes to what is missing first.
    if (event.target === customerRef.current && draft.customer_id.trim() && !draft.nominal.trim()) {
      nominalRef.current?.focus();
    } else book();
  }

  const amount = parseAmount(draft.nominal);
  const times = parseTimes(draft.depo_kelipatan);
  const total = isAmount(amount) && times ? amount * times : null;

  return (
    <Card>
      <form
        noValidate
        aria-label={t("deposits.entry.title")}
        className="grid items-start grid-cols-2 gap-x-3 gap-y-3 p-3 sm:grid-cols-6 xl:grid-cols-[minmax(10rem,2fr)_minmax(8rem,1.4fr)_minmax(8rem,1.2fr)_5.5rem_minmax(10rem,2fr)_auto_auto]"
        onKeyDown={onKeyDown}
        onSubmit={(event) => {
          event.preventDefault();
          book();
        }}
      >
        <Field
          label={t("deposits.customer")}
          error={faultOf("customer_id")}
          className="col-span-2 sm:col-span-3 xl:col-span-1"
        >
          <CustomerField
            value={draft.customer_id}
            productId={place.product_id}
            staffId={place.staff_id}
            onChange={(customer_id) => set({ customer_id })}
            onChoose={(chosen) => {
              set({ customer_id: chosen.customer_id, customer_name: chosen.name });
              nominalRef.current?.focus();
            }}
            onCells={(text) => {
              if (!isCells(text)) return false;
              onCells(text);
              return true;
            }}
            inputRef={customerRef}
          />
        </Field>
        <Field label={t("deposits.name")} className="col-span-2 sm:col-span-3 xl:col-span-1">
          <Input maxLength={300} {...typed("customer_name")} />
        </Field>
        <Field
          label={t("deposits.nominal")}
          error={faultOf("nominal")}
          className="sm:col-span-2 xl:col-span-1"
        >
          <Input
            {...typed("nominal")}
            ref={nominalRef}
            inputMode="decimal"
            className="tabular text-right"
            onBlur={() =>
              onDraft((now) => {
                const typed = parseAmount(now.nominal);
                return isAmount(typed) ? { ...now, nominal: format.number(typed) } : now;
              })
            }
          />
        </Field>
        <Field label={t("deposits.times")} error={faultOf("depo_kelipatan")} className="sm:col-span-1">
          <Input
            {...typed("depo_kelipatan")}
            ref={timesRef}
            inputMode="decimal"
            placeholder="1"
            className="tabular text-right"
          />
        </Field>
        <Field label={t("deposits.note")} className="col-span-2 sm:col-span-3 xl:col-span-1">
          <Input maxLength={2000} {...typed("keterangan")} />
        </Field>
        <Field
          label={t("deposits.tambahan")}
          className="max-sm:col-span-2 max-sm:flex max-sm:items-center max-sm:justify-between"
        >
          <Switch
            checked={isTambahan(draft)}
            disabled={saysTambahan(draft.keterangan)}
            title={saysTambahan(draft.keterangan) ? t("deposits.entry.note_says_so") : undefined}
            onCheckedChange={(tambahan) => set({ tambahan })}
            className="sm:mt-1.5"
          />
        </Field>
        <Button
          type="submit"
          variant="primary"
          className="self-start max-sm:col-span-2 max-sm:h-10 sm:col-start-6 sm:mt-[1.6rem] sm:justify-self-end xl:col-start-auto"
        >
          <Plus aria-hidden />
          {t("deposits.entry.book")}
        </Button>
      </form>
      <PreviewLine
        preview={found}
        asking={draft.customer_id.trim() !== "" && !found && !preview.isError}
        error={isCurrent ? preview.error : null}
        total={total}
      />
    </Card>
  );
}
