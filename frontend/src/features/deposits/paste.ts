import { isAmount, isTimes, parseAmount, parseTimes } from "./amounts";

/** The most that is checked at once, and so pasted at once. */
export const PASTE_MAX = 200;

/** A row of a spreadsheet: customer, name, amount, multiplier, note. */
export type PastedRow = {
  /** Its line in what was pasted, from 1, as a spreadsheet counts. */
  line: number;
  customer_id: string;
  customer_name: string;
  /** As it was written, where it could not be read. */
  nominal_text: string;
  nominal: number;
  depo_kelipatan: number;
  keterangan: string;
  /** Fields that cannot be booked as they are. */
  faults: PastedField[];
  /** The same as a row above it. */
  repeats: boolean;
};

export type PastedField = "customer_id" | "nominal" | "depo_kelipatan";

/** Whether a pasted text is of more than one cell, and so not meant for one field. */
export const isCells = (text: string): boolean => /[\t\n]/.test(text.replace(/[\r\n]+$/, ""));

/** The cells of tab separated text. A spreadsheet quotes cells with line breaks, tabs or quotes in them. */
export function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && cell === "" && closes(text, at)) quoted = true;
    else if (char === "\t" || char === "\n") {
      rows.at(-1)?.push(cell);
      cell = "";
      if (char === "\n") rows.push([]);
    } else if (char !== "\r") cell += char;
  }
  rows.at(-1)?.push(cell);
  return rows;
}

/** Whether the quote that opens at `at` is closed before a cell ends; else it is part of the text. */
function closes(text: string, at: number): boolean {
  return /^"(?:[^"]|"")*"(?=[\t\r\n]|$)/.test(text.slice(at));
}

/** The rows of a pasted text. Empty lines are none; a first line without any digit where the amount is, is a heading. */
export function parsePasted(text: string): { rows: PastedRow[]; hasHeading: boolean } {
  const lines = cellsOf(text)
    .map((cells, index) => ({ line: index + 1, cells: cells.map((cell) => cell.trim()) }))
    .filter(({ cells }) => cells.some(Boolean));
  const heading = lines[0]?.cells[2];
  const hasHeading = lines.length > 1 && heading !== undefined && heading !== "" && !/\d/.test(heading);
  const seen = new Set<string>();
  const rows = lines.slice(hasHeading ? 1 : 0).map(({ line, cells }) => {
    const [customer_id = "", customer_name = "", nominal_text = "", times_text = "", keterangan = ""] = cells;
    const nominal = parseAmount(nominal_text);
    const times = parseTimes(times_text);
    const faults: PastedField[] = [];
    if (!customer_id) faults.push("customer_id");
    if (!isAmount(nominal)) faults.push("nominal");
    if (!isTimes(times)) faults.push("depo_kelipatan");
    const same = JSON.stringify([customer_id, nominal, times, keterangan]);
    const repeats = seen.has(same);
    seen.add(same);
    return {
      line,
      customer_id,
      customer_name,
      nominal_text,
      nominal: nominal ?? 0,
      depo_kelipatan: times ?? 0,
      keterangan,
      faults,
      repeats,
    };
  });
  return { rows, hasHeading };
}
