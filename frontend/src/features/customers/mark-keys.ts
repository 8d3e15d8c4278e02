import type { RespondStatus, WhatsappStatus } from "./types";

export type MarkAction =
  | { do: "whatsapp"; value: WhatsappStatus }
  | { do: "respond"; value: RespondStatus }
  | { do: "valid" | "invalid" | "copy" | "whatsapp_link" | "note" | "request" };

/** The keys of spec 6.2. N is the reply "no", so a note is E (edit). */
const ACTIONS: Record<string, MarkAction> = {
  "1": { do: "whatsapp", value: "ada" },
  "2": { do: "whatsapp", value: "ceklis1" },
  "3": { do: "whatsapp", value: "tidak" },
  y: { do: "respond", value: "ya" },
  n: { do: "respond", value: "tidak" },
  v: { do: "valid" },
  i: { do: "invalid" },
  c: { do: "copy" },
  o: { do: "whatsapp_link" },
  e: { do: "note" },
  r: { do: "request" },
};

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "repeat">;

/** What a key press on a customer means; null for keys of the browser, of the list, and for a key held down. */
export function actionOf(event: Pressed): MarkAction | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return null;
  return ACTIONS[event.key.toLowerCase()] ?? null;
}

/** Pressing what is set already takes it back. */
export function toggled<V>(current: V | null | undefined, pressed: V): V | null {
  return current === pressed ? null : pressed;
}
