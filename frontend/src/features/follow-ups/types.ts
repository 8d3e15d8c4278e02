import type { Schemas } from "@/api/schema";

export type FollowUp = Schemas["FollowUpOut"];
export type FollowUpList = Schemas["FollowUpList"];
export type FollowUpChoices = Schemas["FollowUpChoices"];
export type Urgency = Schemas["Urgency"];

/** The ladder, the most urgent first. */
export const URGENCIES = ["critical", "high", "medium", "low"] as const satisfies readonly Urgency[];

/** What a list shows; without one, those that wait now. */
export const STATES = ["snoozed", "done", "lost", "deposited"] as const;

/** What a person does about one. */
export type Command =
  | { do: "snooze"; until: string; note?: string }
  | { do: "done"; outcome: "done" | "lost" }
  | { do: "reopen" }
  | { do: "note"; text: string };
