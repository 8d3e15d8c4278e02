import { Link } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Skeleton } from "@/components/ui/surface";
import { cn } from "@/lib/cn";

/** One figure with its name; a link when there is a list behind it, a toggle when it filters the list below. */
export function StatTile({
  label,
  value,
  hint,
  icon: Icon,
  to,
  search,
  loading,
  pressed,
  onPress,
}: {
  label: string;
  value: ReactNode;
  hint?: ReactNode;
  icon?: LucideIcon;
  to?: string;
  /** Filters of the list that `to` opens. */
  search?: Record<string, string | undefined>;
  loading?: boolean;
  /** With `onPress`: the tile is a filter of what is below it, and this one is on. */
  pressed?: boolean;
  onPress?: () => void;
}) {
  const styles = "block rounded-lg border border-border bg-surface px-4 py-3";
  const body = (
    <>
      <span className="flex items-center justify-between gap-2 text-muted text-xs">
        {label}
        {Icon && <Icon className="size-4 shrink-0" aria-hidden />}
      </span>
      {loading ? (
        <Skeleton className="mt-2 h-7 w-16" />
      ) : (
        <span className="tabular mt-0.5 block font-semibold text-2xl tracking-tight">{value}</span>
      )}
      {hint && <span className="block text-muted text-xs">{hint}</span>}
    </>
  );
  if (onPress) {
    return (
      <button
        type="button"
        aria-pressed={pressed ?? false}
        onClick={onPress}
        className={cn(
          styles,
          // A button would stand its content in the middle of a row of taller tiles.
          "flex flex-col justify-start text-left hover:border-border-strong",
          pressed && "border-accent bg-accent-soft",
        )}
      >
        {body}
      </button>
    );
  }
  if (!to) return <div className={styles}>{body}</div>;
  return (
    <Link to={to} search={search as never} className={cn(styles, "hover:border-border-strong")}>
      {body}
    </Link>
  );
}
