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
 * Keys that turn the page while one is on its way are carried out when it is there.
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
  /** The number of the page, and what it is a page of. */
  page: number;
  listKey: string;
  /** The rows of that page are not there yet. */
  isLoading: boolean;
}) {
  const { container, searchField, count, rowsKey, onRowKey, onOpen, onToggle, onNext, onPrevious } = options;
  const { next, previous } = useTurns(options);
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
      } else if (event.key === "]") next(event.repeat);
      else if (event.key === "[") previous(event.repeat);
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [container, searchField, focusRow, active, next, previous]);

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
            next(true);
          } else focusRow(index + 1);
          break;
        case "ArrowUp":
        case "k":
          if (index === 0 && onPrevious) {
            arriving.current = "last";
            previous(true);
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
    [focusRow, count, onRowKey, onOpen, onToggle, onNext, onPrevious, next, previous],
  );

  return { active, setActive: setCurrent, onKeyDown };
}

type Turns = {
  onNext?: () => void;
  onPrevious?: () => void;
  page: number;
  listKey: string;
  isLoading: boolean;
};

/** Turning the page by key. What is pressed on the way to a page waits until it is there; a key held down does not. */
function useTurns({ onNext, onPrevious, page, listKey, isLoading }: Turns) {
  const ahead = useRef(0);
  const isLeaving = useRef(false);
  const turns = useRef({ onNext, onPrevious });
  useEffect(() => {
    turns.current = { onNext, onPrevious };
  });

  const turn = useCallback((way: "onNext" | "onPrevious") => {
    isLeaving.current = turns.current[way] !== undefined;
    turns.current[way]?.();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another list knows nothing of what was pressed in this one
  useEffect(() => {
    ahead.current = 0;
  }, [listKey]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a page is arrived at once
  useEffect(() => {
    isLeaving.current = false;
    // The way back is known before the rows are there.
    const way = ahead.current > 0 ? "onNext" : "onPrevious";
    if (ahead.current === 0 || (isLoading && way === "onNext")) return;
    ahead.current = turns.current[way] ? ahead.current - Math.sign(ahead.current) : 0;
    turn(way);
  }, [page, isLoading, turn]);

  const next = useCallback(
    (isHeld: boolean) => {
      if (!isLoading && !isLeaving.current) turn("onNext");
      else if (!isHeld) ahead.current += 1;
    },
    [isLoading, turn],
  );
  const previous = useCallback(
    (isHeld: boolean) => {
      if (ahead.current <= 0 && !isLeaving.current) turn("onPrevious");
      else if (!isHeld) ahead.current -= 1;
    },
    [turn],
  );
  return { next, previous };
}
