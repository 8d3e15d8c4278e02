import { NativeSelect } from "@/components/ui/input";
import { cn } from "@/lib/cn";

/** One filter with few choices; "" stands for all of them and leaves the URL. */
export function FilterSelect({
  label,
  value,
  onChange,
  all,
  options,
  className,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  all: string;
  options: readonly { value: string; label: string }[];
  className?: string;
}) {
  return (
    <NativeSelect
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
      className={cn(
        "w-auto max-w-48 max-sm:min-w-0 max-sm:flex-1 max-sm:basis-36",
        value && "border-accent bg-accent-soft",
        className,
      )}
    >
      <option value="">{all}</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </NativeSelect>
  );
}
