import { useRef } from "react";

/**
 * Puts the focus back where it was when a dialog or sheet opened. Radix does so only for its own triggers, and ours are
 * opened by rows, keys and addresses. When the opener is gone, the page's content takes the focus.
 */
export function useReturnFocus() {
  const opener = useRef<HTMLElement | SVGElement | null>(null);
  return {
    onOpenAutoFocus: () => {
      const active = document.activeElement;
      // A chart's mark is drawn, not written.
      opener.current = active instanceof HTMLElement || active instanceof SVGElement ? active : null;
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      const back = opener.current;
      const target = back?.isConnected && back !== document.body ? back : document.getElementById("content");
      target?.focus({ preventScroll: true });
    },
  };
}
