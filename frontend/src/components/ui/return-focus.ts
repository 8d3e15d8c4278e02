import { useRef } from "react";

/**
 * Puts the focus back where it was when a dialog or sheet opened. Radix does so only for its own triggers, and ours are
 * opened by rows, keys and addresses. When the opener is gone, the page's content takes the focus.
 */
export function useReturnFocus() {
  const opener = useRef<HTMLElement | null>(null);
  return {
    onOpenAutoFocus: () => {
      opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      const back = opener.current;
      const target = back?.isConnected && back !== document.body ? back : document.getElementById("content");
      target?.focus({ preventScroll: true });
    },
  };
}
