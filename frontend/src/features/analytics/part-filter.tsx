import { FilterSelect } from "@/components/data-table";
import { useAnalytics } from "./context";

/** The part of a mark that is asked for; the first one stands for no choice. */
export const partOf = <P extends string>(parts: readonly [P, ...P[]], asked: string | undefined): P =>
  parts.find((part) => part === asked) ?? parts[0];

/** Which part of what a mark stands for is listed: a stage, an outcome, a kind of work. */
export function PartFilter<P extends string>({
  label,
  parts,
  name,
}: {
  label: string;
  parts: readonly [P, ...P[]];
  name: (part: P) => string;
}) {
  const { search } = useAnalytics();
  const [first, ...others] = parts;
  const part = partOf(parts, search.values.part);
  return (
    <FilterSelect
      label={label}
      value={part === first ? undefined : part}
      onChange={(value) => search.set({ part: value })}
      all={name(first)}
      options={others.map((value) => ({ value, label: name(value) }))}
    />
  );
}
