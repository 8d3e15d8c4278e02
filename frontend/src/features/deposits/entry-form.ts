import { isAmount, isTimes, parseAmount, parseTimes } from "./amounts";
import { saysTambahan } from "./tambahan";
import type { BookForm } from "./types";

/** What is being typed. */
export type Draft = {
  customer_id: string;
  customer_name: string;
  nominal: string;
  depo_kelipatan: string;
  keterangan: string;
  /** Switched on by hand; a note that says so needs no switch. */
  tambahan: boolean;
};

/** For which product, day and person (none: oneself) deposits are entered. */
export type Place = { product_id: string; record_date: string; staff_id?: string };

export const EMPTY_DRAFT: Draft = {
  customer_id: "",
  customer_name: "",
  nominal: "",
  depo_kelipatan: "",
  keterangan: "",
  tambahan: false,
};

export type DraftField = keyof Draft;

/** Fields that cannot be booked as they are. */
export function faultsOf(draft: Draft): DraftField[] {
  const faults: DraftField[] = [];
  if (!draft.customer_id.trim()) faults.push("customer_id");
  if (!isAmount(parseAmount(draft.nominal))) faults.push("nominal");
  if (!isTimes(parseTimes(draft.depo_kelipatan))) faults.push("depo_kelipatan");
  return faults;
}

export const isTambahan = (draft: Draft): boolean => draft.tambahan || saysTambahan(draft.keterangan);

/** What is sent. For the preview of a row without an amount yet any amount does: it decides nothing about the class. */
export function formOf(draft: Draft, place: Place): BookForm {
  const nominal = parseAmount(draft.nominal);
  const times = parseTimes(draft.depo_kelipatan);
  return {
    ...place,
    customer_id: draft.customer_id.trim(),
    customer_name: draft.customer_name.trim() || undefined,
    nominal: isAmount(nominal) ? nominal : 1,
    depo_kelipatan: isTimes(times) ? times : 1,
    keterangan: draft.keterangan.trim() || undefined,
    tambahan: isTambahan(draft) || undefined,
  };
}

/** What was sent, back where it can be corrected. */
export function draftOf(form: BookForm): Draft {
  return {
    customer_id: form.customer_id,
    customer_name: form.customer_name ?? "",
    nominal: String(form.nominal),
    depo_kelipatan: form.depo_kelipatan === 1 ? "" : String(form.depo_kelipatan),
    keterangan: form.keterangan ?? "",
    tambahan: form.tambahan === true && !saysTambahan(form.keterangan ?? ""),
  };
}
