import { useId } from "react";
import { Input } from "@/components/ui/input";

/** One end of a range of business dates, among the filters of a list. */
export function DayFilter({
  label,
  value,
  min,
  max,
  onChange,
}: {
  label: string;
  value?: string;
  min?: string;
  max?: string;
  onChange: (day: string | undefined) => void;
}) {
  const id = useId();
  return (
    <span className="flex items-center justify-between gap-1.5 max-sm:w-full">
      <label htmlFor={id} className="whitespace-nowrap text-muted text-xs">
        {label}
      </label>
      <Input
        id={id}
        type="date"
        className="w-40 sm:w-36"
        value={value ?? ""}
        min={min}
        max={max}
        onChange={(event) => onChange(event.target.value || undefined)}
      />
    </span>
  );
}
