/** Whether a note marks its deposit as supplementary (spec 1.1): in any case, anywhere in it. */
export const saysTambahan = (note: string): boolean => note.toLowerCase().includes("tambahan");

/**
 * What the switch shows while a deposit is corrected: what somebody set it to; else what a note that has begun or ceased
 * to say so makes it; else what it is.
 */
export function tambahanShown(
  touched: boolean | undefined,
  now: boolean,
  oldNote: string,
  newNote: string,
): boolean {
  if (touched !== undefined) return touched;
  const says = saysTambahan(newNote);
  return says === saysTambahan(oldNote) ? now : says;
}
