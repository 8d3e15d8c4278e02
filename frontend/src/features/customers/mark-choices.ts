import type { TFunction } from "i18next";
import { BadgeCheck, Ban, Check, CheckCheck, MessageCircleOff, ThumbsDown, ThumbsUp } from "lucide-react";
import type { ToggleChoice } from "@/components/feedback";
import type { RespondStatus, VerdictStatus, WhatsappStatus } from "./types";

/** The states of spec 1.1 in words, pictures and colours, and the keys of 6.2. */
export const whatsappChoices = (t: TFunction): ToggleChoice<WhatsappStatus>[] => [
  { value: "ada", label: t("customers.whatsapp.ada"), icon: CheckCheck, tone: "success", shortcut: "1" },
  { value: "ceklis1", label: t("customers.whatsapp.ceklis1"), icon: Check, tone: "warning", shortcut: "2" },
  {
    value: "tidak",
    label: t("customers.whatsapp.tidak"),
    icon: MessageCircleOff,
    tone: "danger",
    shortcut: "3",
  },
];

export const respondChoices = (t: TFunction): ToggleChoice<RespondStatus>[] => [
  { value: "ya", label: t("customers.respond.ya"), icon: ThumbsUp, tone: "success", shortcut: "Y" },
  { value: "tidak", label: t("customers.respond.tidak"), icon: ThumbsDown, tone: "danger", shortcut: "N" },
];

export const verdictChoices = (t: TFunction): ToggleChoice<VerdictStatus>[] => [
  {
    value: "validated",
    label: t("customers.verdict.validated"),
    icon: BadgeCheck,
    tone: "success",
    shortcut: "V",
  },
  { value: "invalid", label: t("customers.verdict.invalid"), icon: Ban, tone: "danger", shortcut: "I" },
];
