import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { StatusToggle } from "@/components/feedback";
import { cn } from "@/lib/cn";
import { useReasonName } from "@/lib/reason-name";
import { respondChoices, verdictChoices, whatsappChoices } from "./mark-choices";
import type { MarkAction } from "./mark-keys";
import type { HeldRecord } from "./types";

/** Carries out one action on one customer, by whatever way it was asked for. */
export type Act = (record: HeldRecord, action: MarkAction) => void;

type ToggleProps = { record: HeldRecord; act: Act; touch?: boolean; inRow?: boolean; disabled?: boolean };

export function WhatsappToggle({ record, act, ...rest }: ToggleProps) {
  const { t } = useTranslation();
  const choices = useMemo(() => whatsappChoices(t), [t]);
  return (
    <StatusToggle
      label={t("customers.whatsapp.title")}
      value={record.whatsapp_status ?? null}
      choices={choices}
      onPress={(value) => act(record, { do: "whatsapp", value })}
      {...rest}
    />
  );
}

export function RespondToggle({ record, act, ...rest }: ToggleProps) {
  const { t } = useTranslation();
  const choices = useMemo(() => respondChoices(t), [t]);
  return (
    <StatusToggle
      label={t("customers.respond.title")}
      value={record.respond_status ?? null}
      choices={choices}
      onPress={(value) => act(record, { do: "respond", value })}
      {...rest}
    />
  );
}

export function VerdictToggle({ record, act, ...rest }: ToggleProps) {
  const { t } = useTranslation();
  const choices = useMemo(() => verdictChoices(t), [t]);
  return (
    <StatusToggle
      label={t("customers.verdict.title")}
      value={record.validation_status ?? null}
      choices={choices}
      onPress={(value) => act(record, { do: value === "validated" ? "valid" : "invalid" })}
      {...rest}
    />
  );
}

/** The three toggles one above the other, each with its name. */
export function MarkToggles({ record, act, touch, disabled }: ToggleProps) {
  const { t } = useTranslation();
  const rows = [
    { name: t("customers.whatsapp.title"), Toggle: WhatsappToggle },
    { name: t("customers.respond.title"), Toggle: RespondToggle },
    { name: t("customers.verdict.title"), Toggle: VerdictToggle },
  ];
  return (
    <div className="grid gap-2">
      {rows.map(({ name, Toggle }) => (
        <div
          key={name}
          className={cn("grid items-center", touch ? "gap-1" : "grid-cols-[5.5rem_minmax(0,1fr)] gap-2")}
        >
          <span className="text-muted text-xs">{name}</span>
          <Toggle record={record} act={act} touch={touch} disabled={disabled} />
        </div>
      ))}
      <InvalidReason record={record} className={touch ? undefined : "pl-[6rem]"} />
    </div>
  );
}

/** Why a record is invalid, with the note that was written to it. */
export function InvalidReason({ record, className }: { record: HeldRecord; className?: string }) {
  const reasonName = useReasonName();
  if (record.validation_status !== "invalid") return null;
  const reason = record.validation_reason && reasonName(record.validation_reason);
  return (
    <p className={cn("break-words text-muted text-xs", className)}>
      {[reason, record.validation_note].filter(Boolean).join(" · ")}
    </p>
  );
}

/** Words for a stored value of one of the marks. */
export function markText(t: TFunction, field: string, value: string | null): string {
  if (value === null) return t("customers.unmarked");
  const choices =
    field === "whatsapp_status"
      ? whatsappChoices(t)
      : field === "respond_status"
        ? respondChoices(t)
        : verdictChoices(t);
  return choices.find((choice) => choice.value === value)?.label ?? value;
}
