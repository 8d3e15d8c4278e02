import { type KeyboardEvent, type RefObject, useCallback, useEffect, useState } from "react";

const TYPING = "input, textarea, select, [contenteditable=true], [role=menu], [role=dialog], [role=listbox]";

/** Whether a key press belongs to something else: a field, an open menu or a dialog. */
export function isBusyElsewhere(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null;
  return (
    element?.closest(TYPING) != null || document.querySelector("[role=dialog],[role=alertdialog]") != null
  );
}

/**
 * Keyboard of a list: j/k and the arrows move, Home and End jump, space selects, Enter opens, `]` and `[` turn the
 * page, `/` goes to the search field. One row at a time is in the tab order.
 */
export function useRowKeys(options: {
  container: RefObject<HTMLElement | null>;
  searchField: RefObject<HTMLInputElement | null>;
  count: number;
  onOpen?: (index: number) => void;
  onToggle?: (index: number) => void;
  onNext?: () => void;
  onPrevious?: () => void;
}) {
  const { container, searchField, count, onOpen, onToggle, onNext, onPrevious } = options;
  const [current, setCurrent] = useState(0);
  const active = Math.min(current, Math.max(0, count - 1));

  const focusRow = useCallback(
    (index: number) => {
      const to = Math.max(0, Math.min(count - 1, index));
      setCurrent(to);
      container.current?.querySelector<HTMLElement>(`[data-row-index="${to}"]`)?.focus();
    },
    [container, count],
  );

  useEffect(() => {
    function onKey(event: globalThis.KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || isBusyElsewhere(event.target)) return;
      if (event.key === "/" && searchField.current) {
        event.preventDefault();
        searchField.current.focus();
      } else if (event.key === "j" && !container.current?.contains(document.activeElement)) {
        event.preventDefault();
        focusRow(active);
      } else if (event.key === "]") onNext?.();
      else if (event.key === "[") onPrevious?.();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [container, searchField, focusRow, active, onNext, onPrevious]);

  const onKeyDown = useCallback(
    (event: KeyboardEvent<HTMLElement>) => {
      const row = (event.target as HTMLElement).closest<HTMLElement>("[data-row-index]");
      if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
      const index = Number(row.dataset.rowIndex);
      const onRow = event.target === row;
      switch (event.key) {
        case "ArrowDown":
        case "j":
          focusRow(index + 1);
          break;
        case "ArrowUp":
        case "k":
          focusRow(index - 1);
          break;
        case "Home":
          focusRow(0);
          break;
        case "End":
          focusRow(count - 1);
          break;
        case " ":
          // A button or checkbox inside the row keeps its own space and Enter.
          if (!onRow || !onToggle) return;
          onToggle(index);
          break;
        case "Enter":
          if (!onRow || !onOpen) return;
          onOpen(index);
          break;
        default:
          return;
      }
      event.preventDefault();
    },
    [focusRow, count, onOpen, onToggle],
  );

  return { active, setActive: setCurrent, onKeyDown };
}
