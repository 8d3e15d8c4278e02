import type { LucideIcon } from "lucide-react";
import { cn } from "@/lib/cn";
import type { Tone } from "./status-badge";

const chosen: Record<Tone, string> = {
  neutral: "border-border-strong bg-surface-2 text-foreground",
  accent: "border-accent bg-accent-soft text-accent-text",
  success: "border-success bg-success-soft text-success",
  warning: "border-warning bg-warning-soft text-warning",
  danger: "border-danger bg-danger-soft text-danger",
  info: "border-info bg-info-soft text-info",
};

export type ToggleChoice<V extends string> = {
  value: V;
  label: string;
  icon: LucideIcon;
  tone: Tone;
  /** The key that does the same. */
  shortcut?: string;
};

/**
 * One of few states, set with one press; the state that is set takes itself back. Each choice is text and icon, the one
 * that is set has its colour as well. `touch` is the size for a thumb. `inRow` leaves the tab order to the row.
 */
export function StatusToggle<V extends string>({
  label,
  value,
  choices,
  onPress,
  touch = false,
  inRow = false,
  disabled,
}: {
  label: string;
  value: V | null;
  choices: readonly ToggleChoice<V>[];
  onPress: (value: V) => void;
  touch?: boolean;
  inRow?: boolean;
  disabled?: boolean;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring its own box into a table cell
    <div role="group" aria-label={label} className={cn("inline-flex gap-1", touch && "flex w-full")}>
      {choices.map(({ value: choice, label: text, icon: Icon, tone, shortcut }) => {
        const pressed = choice === value;
        return (
          <button
            key={choice}
            type="button"
            aria-pressed={pressed}
            disabled={disabled}
            tabIndex={inRow ? -1 : undefined}
            title={shortcut ? `${text} (${shortcut})` : undefined}
            onClick={() => onPress(choice)}
            className={cn(
              "inline-flex items-center justify-center gap-1 whitespace-nowrap rounded-md border font-medium text-xs transition-colors disabled:opacity-50",
              touch ? "h-[44px] min-w-0 flex-1 px-1" : "h-7 px-1.5",
              pressed
                ? chosen[tone]
                : "border-border text-muted hover:border-border-strong hover:text-foreground",
            )}
          >
            <Icon className="size-3.5 shrink-0" aria-hidden />
            <span className="truncate">{text}</span>
          </button>
        );
      })}
    </div>
  );
}
