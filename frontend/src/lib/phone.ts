/** wa.me wants the digits of the E.164 form alone. */
export function whatsAppLink(e164: string): string {
  return `https://wa.me/${e164.replace(/\D/g, "")}`;
}

/** +6281234567890 -> +62 812 3456 7890: grouped for the eye only; copying gives the stored form. */
export function groupPhone(e164: string): string {
  const match = /^\+(62|65|60|61|63|66|84|1|44|91|86)(\d+)$/.exec(e164);
  if (!match) return e164;
  const [, country, rest = ""] = match;
  const groups = [rest.slice(0, 3), ...(rest.slice(3).match(/.{1,4}/g) ?? [])].filter(Boolean);
  return `+${country} ${groups.join(" ")}`;
}

/** What a phone dials. */
export function telLink(e164: string): string {
  return `tel:${e164.replace(/[^\d+]/g, "")}`;
}
