/**
 * Search parameters as plain text. The router's own way reads values as JSON, and a search for the digits of a phone
 * number would arrive as a number, or lose its last digits. What is no text is turned into what it is by the schemas.
 */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(values: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== "") params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}
