import type { Place } from "./entry-form";
import type { PastedRow } from "./paste";
import { saysTambahan } from "./tambahan";
import type { BookForm, PreviewRow } from "./types";

export const formOfPasted = (row: PastedRow, place: Place): BookForm => ({
  ...place,
  customer_id: row.customer_id,
  customer_name: row.customer_name || undefined,
  nominal: row.nominal,
  depo_kelipatan: row.depo_kelipatan,
  keterangan: row.keterangan || undefined,
  tambahan: saysTambahan(row.keterangan) || undefined,
});

/** A pasted row with what the server says it would be. */
export type CheckedRow = { row: PastedRow; form: BookForm; preview?: PreviewRow };

/** Nothing is wrong with it, and it does not look like one that is there already. */
export const isPlain = ({ row, preview }: CheckedRow) =>
  preview !== undefined && preview.errors.length === 0 && !preview.possible_duplicate && !row.repeats;

export const canBook = ({ row, preview }: CheckedRow) =>
  row.faults.length === 0 && preview !== undefined && preview.errors.length === 0;
