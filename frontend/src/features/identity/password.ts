import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { setupOptions } from "./api";

/** How long a new password must be, as the server is set, with the words for it; while that is unknown, it decides. */
export function usePasswordRule(): { min: number; hint: string | undefined; short: string } {
  const { t } = useTranslation();
  const min = useQuery({ ...setupOptions, staleTime: Number.POSITIVE_INFINITY }).data?.password_min_length;
  return {
    min: min ?? 1,
    hint: min === undefined ? undefined : t("auth.password_hint", { count: min }),
    short: t("auth.password_short", { count: min ?? 1 }),
  };
}

const ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";

/** A first password to hand over; letters that look alike are left out. */
export function suggestPassword(): string {
  const picks = crypto.getRandomValues(new Uint32Array(14));
  return Array.from(picks, (pick) => ALPHABET[pick % ALPHABET.length]).join("");
}
