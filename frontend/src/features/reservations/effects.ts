import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import type { Changed } from "./types";

const EFFECTS = [
  "records_marked_reserved",
  "records_unreserved",
  "dropped_from_requests",
  "invalidated_records",
  "restored_records",
] as const;

export type Effects = Partial<Pick<Changed, (typeof EFFECTS)[number]>>;

/** What a command did to records, in one line; undefined when it did nothing to them. */
export function useEffectsText(): (effects: Effects | undefined) => string | undefined {
  const { t } = useTranslation();
  const format = useFormat();
  return (effects) => {
    const parts = EFFECTS.flatMap((effect) => {
      const count = effects?.[effect] ?? 0;
      return count > 0 ? t(`reservations.effect.${effect}`, { count, formatted: format.number(count) }) : [];
    });
    return parts.length > 0 ? parts.join(" · ") : undefined;
  };
}
