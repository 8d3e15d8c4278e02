import { type KeyboardEvent, type Ref, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Input } from "@/components/ui/input";
import { cn } from "@/lib/cn";
import { type Suggestion, useSuggestions } from "./suggestions";

/** The customer, typed or chosen: arrows move in the list, Enter takes the marked one, Escape closes it. */
export function CustomerField({
  value,
  productId,
  staffId,
  onChange,
  onChoose,
  onCells,
  inputRef,
  ...field
}: {
  value: string;
  productId: string;
  staffId: string | undefined;
  onChange: (value: string) => void;
  onChoose: (chosen: Suggestion) => void;
  /** Several cells of a spreadsheet were pasted here. */
  onCells: (text: string) => boolean;
  inputRef: Ref<HTMLInputElement>;
  id?: string;
  "aria-invalid"?: boolean;
  "aria-describedby"?: string;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const listId = useId();
  const [open, setOpen] = useState(false);
  /** The marked line of the list, from 1; 0 is what was typed. */
  const [marked, setMarked] = useState(0);
  const suggestions = useSuggestions(open ? value : "", productId, staffId);
  const shown = open && suggestions.length > 0;

  const close = () => {
    setOpen(false);
    setMarked(0);
  };
  const choose = (suggestion: Suggestion) => {
    onChoose(suggestion);
    close();
  };

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!shown) return setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setMarked((now) => (now + step + suggestions.length + 1) % (suggestions.length + 1));
      return;
    }
    const suggestion = shown ? suggestions[marked - 1] : undefined;
    if (event.key === "Enter" && suggestion) {
      event.preventDefault();
      choose(suggestion);
    } else if (event.key === "Escape" && shown) {
      event.stopPropagation();
      close();
    }
  }

  return (
    <div className="relative">
      <Input
        {...field}
        ref={inputRef}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={shown}
        aria-controls={shown ? listId : undefined}
        aria-activedescendant={shown && marked > 0 ? `${listId}-${marked}` : undefined}
        value={value}
        maxLength={300}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        onChange={(event) => {
          onChange(event.target.value);
          setOpen(true);
          setMarked(0);
        }}
        onPaste={(event) => {
          if (onCells(event.clipboardData.getData("text/plain"))) event.preventDefault();
        }}
        onKeyDown={onKeyDown}
        onBlur={close}
      />
      {shown && (
        <div
          id={listId}
          role="listbox"
          aria-label={t("deposits.entry.suggestions")}
          className="absolute top-full left-0 z-20 mt-1 max-h-72 w-full min-w-64 overflow-y-auto rounded-md border border-border bg-surface p-1 shadow-lg"
        >
          {suggestions.map((suggestion, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's, which keeps the focus
            // biome-ignore lint/a11y/useFocusableInteractive: the input names the marked one
            <div
              key={suggestion.customer_id}
              id={`${listId}-${index + 1}`}
              role="option"
              aria-selected={marked === index + 1}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(suggestion)}
              className={cn(
                "flex cursor-pointer items-baseline justify-between gap-3 rounded px-2 py-1 text-sm",
                marked === index + 1 ? "bg-accent-soft" : "hover:bg-surface-2",
              )}
            >
              <span className="min-w-0">
                <span className="break-words font-medium">{suggestion.customer_id}</span>
                {suggestion.name && <span className="break-words text-muted"> {suggestion.name}</span>}
              </span>
              <span className="shrink-0 text-muted text-xs">
                {suggestion.last_date ? format.day(suggestion.last_date) : t("deposits.entry.no_deposit_yet")}
              </span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
