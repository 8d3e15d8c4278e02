/** Figures as people type and paste them: "Rp 1.500.000", "1,500,000", "1500000,50". */

/**
 * The amount that a text names, or null when it names none or could mean two. Groups are of three digits; what follows
 * the last separator otherwise is a fraction.
 */
export function parseAmount(text: string): number | null {
  const bare = text
    .trim()
    .replace(/^rp\.?/i, "")
    .replace(/[\s']/g, "");
  if (!/^\d[\d.,]*$/.test(bare)) return null;
  const at = Math.max(bare.lastIndexOf("."), bare.lastIndexOf(","));
  const separator = bare[at];
  const fraction = bare.slice(at + 1);
  const isFraction =
    separator !== undefined && bare.indexOf(separator) === at && fraction.length > 0 && fraction.length !== 3;
  const whole = isFraction ? bare.slice(0, at) : bare;
  if (!/^\d+$/.test(whole) && !/^\d{1,3}([.,])\d{3}(\1\d{3})*$/.test(whole)) return null;
  return Number(`${whole.replace(/[.,]/g, "")}${isFraction ? `.${fraction}` : ""}`);
}

/** The multiplier that a text names, up to two decimals; empty is 1. It is too small to be grouped. */
export function parseTimes(text: string): number | null {
  const bare = text.trim().replace(/^[x×]\s*/i, "");
  if (bare === "") return 1;
  return /^\d+([.,]\d{1,2})?$/.test(bare) ? Number(bare.replace(",", ".")) : null;
}

export const AMOUNT_MAX = 1e12;
export const TIMES_MAX = 1000;

export const isAmount = (value: number | null): value is number =>
  value !== null && value > 0 && value <= AMOUNT_MAX;

export const isTimes = (value: number | null): value is number =>
  value !== null && value > 0 && value <= TIMES_MAX;
