import type { ReactNode } from "react";
import { Sheet } from "@/components/ui/sheet";

/**
 * The right-hand sheet of one row. Its address is `?open=<id>` (`search.values.open`, `search.setOpen`), so reload,
 * Back and shared links open the same thing.
 */
export function EntitySheet({
  open,
  onClose,
  ...rest
}: {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  footer?: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  return <Sheet open={open} onOpenChange={(next) => !next && onClose()} {...rest} />;
}
