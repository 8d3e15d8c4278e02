import type { Schemas } from "@/api/schema";
import type { Module, PoolRecord } from "@/features/pools";

/** Codes as they are stored (spec 1.1); the words for them are in customers.json. */
export const WHATSAPP = ["ada", "ceklis1", "tidak"] as const;
export const RESPOND = ["ya", "tidak"] as const;
export const VERDICTS = ["validated", "invalid"] as const;
/** A filter's way to say "nothing marked yet". */
export const NONE = "none";

export type WhatsappStatus = (typeof WHATSAPP)[number];
export type RespondStatus = (typeof RESPOND)[number];
export type VerdictStatus = (typeof VERDICTS)[number];

/** What a holder has noted about a customer; `version` grows with every change and is 0 before the first. */
export type Marks = {
  whatsapp_status?: WhatsappStatus | null;
  respond_status?: RespondStatus | null;
  validation_status?: VerdictStatus | null;
  validation_reason?: string | null;
  validation_note?: string | null;
  version: number;
};

/** A record as its holder or an admin sees it across databases. */
export type HeldRecord = Omit<Schemas["DealtRecordOut"], keyof Marks> &
  Omit<PoolRecord, keyof Marks> &
  Marks & { module: Module };

/** What one hand-out gave (a batch), or all that one database gave, to the staff who asks. */
export type Group = Schemas["GroupOut"] & { module: Module };

export type Note = Schemas["NoteOut"];

export type TimelineEntry = Schemas["TimelineEntry"];

/** A field that somebody else changed to something else while it was on screen: both values, one is chosen. */
export type Conflict = Schemas["MarkConflict"] & {
  /** The whole verdict that was meant, where the field is one. */
  intent?: Verdict;
};

export type MarksAnswer = Omit<Schemas["MarksOut"], "conflicts"> & { conflicts: Conflict[] };

/** Null takes a verdict back. */
export type Verdict = { is_valid: boolean | null; reason?: string; note?: string };

export type VerdictAnswer = Omit<Schemas["ValidatedWithRecords"], "records"> & { records: HeldRecord[] };

export type CustomerRecord = HeldRecord & Pick<Schemas["CustomerRecord"], "product_id" | "product_name">;

/** One customer with every record of theirs that the viewer may see. */
export type Customer = Omit<Schemas["CustomerOut"], "records"> & { records: CustomerRecord[] };
