import { type KeyboardEvent, useState } from "react";

const STEPS: Record<string, (columns: number) => number> = {
  ArrowLeft: () => -1,
  ArrowRight: () => 1,
  ArrowUp: (columns) => -columns,
  ArrowDown: (columns) => columns,
};

/**
 * One stop of the Tab key per chart; arrows, Home and End go from mark to mark, Enter opens. `columns` says how many
 * marks stand side by side (a heat-map's days); 1 where they form one line.
 */
export function useMarks(count: number, columns = 1) {
  const [last, setLast] = useState(0);
  const current = Math.min(last, Math.max(0, count - 1));

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const from = Number(
      (event.target as Element).closest("[data-mark]")?.getAttribute("data-mark") ?? Number.NaN,
    );
    if (Number.isNaN(from)) return;
    let to = from + (STEPS[event.key]?.(columns) ?? 0);
    if (event.key === "Home") to = 0;
    if (event.key === "End") to = count - 1;
    if (to === from || to < 0 || to >= count) return;
    event.preventDefault();
    event.currentTarget.querySelector<HTMLElement>(`[data-mark="${to}"]`)?.focus();
  };

  const mark = (index: number) => ({
    "data-mark": index,
    tabIndex: index === current ? 0 : -1,
    onFocus: () => setLast(index),
  });

  return { onKeyDown, mark };
}
