import { type KeyboardEvent, type RefObject, useCallback, useEffect, useRef, useState } from "react";

const TYPING = "input, textarea, select, [contenteditable=true], [role=menu], [role=dialog], [role=listbox]";

/** Whether a key press belongs to something else: a field, an open menu or a dialog. */
export function isBusyElsewhere(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null;
  return (
    element?.closest(TYPING) != null || document.querySelector("[role=dialog],[role=alertdialog]") != null
  );
}

/** The focus is on the page itself, as after loading it. */
const isNowhere = (element: Element | null) => element === document.body || element?.id === "content";

/**
 * Keyboard of a list: j/k and the arrows move, and turn the page at its ends; Home and End jump, space selects, Enter
 * opens, `]` and `[` turn the page, `/` goes to the search field. One row at a time is in the tab order; when the row
 * that had the focus is taken away, the one in its place gets it. A page may add keys of its own for the focused row.
 */
export function useRowKeys(options: {
  container: RefObject<HTMLElement | null>;
  searchField: RefObject<HTMLInputElement | null>;
  count: number;
  /** Changes whenever other rows are shown. */
  rowsKey: string;
  /** Answers true when the key was its own. */
  onRowKey?: (event: KeyboardEvent<HTMLElement>, index: number) => boolean;
  onOpen?: (index: number) => void;
  onToggle?: (index: number) => void;
  onNext?: () => void;
  onPrevious?: () => void;
}) {
  const { container, searchField, count, rowsKey, onRowKey, onOpen, onToggle, onNext, onPrevious } = options;
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

  const focusWasHere = useRef(false);
  const arriving = useRef<"first" | "last" | null>(null);
  useEffect(() => {
    const onFocus = (event: FocusEvent) => {
      focusWasHere.current = container.current?.contains(event.target as Node) ?? false;
    };
    document.addEventListener("focusin", onFocus);
    return () => document.removeEventListener("focusin", onFocus);
  }, [container]);

  const shownKey = useRef(rowsKey);
  useEffect(() => {
    if (shownKey.current === rowsKey) return;
    shownKey.current = rowsKey;
    if (count === 0) return;
    if (arriving.current) focusRow(arriving.current === "first" ? 0 : count - 1);
    else if (focusWasHere.current && document.activeElement === document.body) focusRow(active);
    arriving.current = null;
  }, [rowsKey, count, active, focusRow]);

  useEffect(() => {
    function onKey(event: globalThis.KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || isBusyElsewhere(event.target)) return;
      if (event.key === "/" && searchField.current) {
        event.preventDefault();
        searchField.current.focus();
      } else if (event.key === "j" && !container.current?.contains(document.activeElement)) {
        event.preventDefault();
        focusRow(active);
      } else if (event.key === "ArrowDown" && isNowhere(document.activeElement)) {
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
      if (onRowKey?.(event, index)) {
        event.preventDefault();
        return;
      }
      switch (event.key) {
        case "ArrowDown":
        case "j":
          if (index === count - 1 && onNext) {
            arriving.current = "first";
            onNext();
          } else focusRow(index + 1);
          break;
        case "ArrowUp":
        case "k":
          if (index === 0 && onPrevious) {
            arriving.current = "last";
            onPrevious();
          } else focusRow(index - 1);
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
    [focusRow, count, onRowKey, onOpen, onToggle, onNext, onPrevious],
  );

  return { active, setActive: setCurrent, onKeyDown };
}
