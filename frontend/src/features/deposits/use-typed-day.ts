import { type ChangeEvent, useState } from "react";

export const EARLIEST_DAY = "2000-01-01";

/**
 * A date field whose value lives in the address. While a year is typed the browser already names days ("0002-03-01"):
 * the field keeps them, the address gets only days that can be meant.
 */
export function useTypedDay(
  value: string | undefined,
  onChange: (day: string | undefined) => void,
  limits: { min?: string; max?: string } = {},
) {
  const [typed, setTyped] = useState(value ?? "");
  const [from, setFrom] = useState(value);
  if (from !== value) {
    setFrom(value);
    setTyped(value ?? "");
  }
  return {
    type: "date",
    min: limits.min ?? EARLIEST_DAY,
    max: limits.max,
    value: typed,
    onChange: ({ target }: ChangeEvent<HTMLInputElement>) => {
      setTyped(target.value);
      if (target.value === "") onChange(undefined);
      else if (target.value >= EARLIEST_DAY && (!limits.max || target.value <= limits.max))
        onChange(target.value);
    },
  };
}
