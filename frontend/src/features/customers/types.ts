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

export type MarkField = "whatsapp_status" | "respond_status" | "validation";

/** A record as its holder or an admin sees it across databases. */
export type HeldRecord = Omit<Schemas["DealtRecordOut"], keyof Marks> &
  Omit<PoolRecord, keyof Marks> &
  Marks & {
    module: Module;
    whatsapp_status_at?: string | null;
    respond_status_at?: string | null;
    note_count: number;
  };

/** What one hand-out gave (a batch), or all that one database gave, to the staff who asks. */
export type Group = Schemas["GroupOut"] & {
  module: Module;
  custom_title?: string | null;
  is_pinned: boolean;
  new_count: number;
  worked_count: number;
  counts: Record<
    "ada" | "ceklis1" | "tidak" | "respond_ya" | "respond_tidak" | "validated" | "invalid" | "unvalidated",
    number
  >;
};

export type Note = { id: string; at: string; author_name: string; text: string };

export type TimelineEntry = {
  at: string;
  actor_name: string;
  kind: string;
  from?: string | null;
  to?: string | null;
  reason?: string | null;
  note?: string | null;
  text?: string | null;
  holder_name?: string | null;
};

/** A field that somebody else changed to something else while it was on screen (spec: both values, one is chosen). */
export type Conflict = {
  record_id: string;
  field: MarkField;
  yours: string | null;
  theirs: string | null;
  by_name: string;
  at: string;
  version: number;
  /** The whole verdict that was meant, where the field is one. */
  intent?: Verdict;
};

export type MarksAnswer = {
  records: (Partial<Marks> & { id: string; version: number })[];
  conflicts: Conflict[];
  missing: string[];
};

/** Null takes a verdict back. */
export type Verdict = { is_valid: boolean | null; reason?: string; note?: string };

export type VerdictAnswer = {
  updated_count: number;
  auto_replaced: number;
  replacement_failed: number;
  replacement_message?: string | null;
  replacement_details?: { record_id: string; replaced_by?: string | null; failed?: string | null }[];
  records: HeldRecord[];
};
