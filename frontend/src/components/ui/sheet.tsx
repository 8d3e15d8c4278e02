import { Dialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { CloseButton, overlayStyles } from "./dialog";
import { useReturnFocus } from "./return-focus";

/** A panel that comes in from one side and holds the focus until it is closed. */
export function Sheet({
  open,
  onOpenChange,
  side = "right",
  title,
  description,
  footer,
  className,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  side?: "right" | "left";
  title: ReactNode;
  description?: ReactNode;
  footer?: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  const returnFocus = useReturnFocus();
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className={overlayStyles} />
        <Primitive.Content
          {...returnFocus}
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cn(
            "fixed inset-y-0 z-50 flex w-full flex-col border-border bg-surface shadow-xl",
            side === "right"
              ? "right-0 animate-slide-in border-l sm:max-w-lg"
              : "left-0 max-w-[19rem] animate-slide-in-left border-r",
            className,
          )}
        >
          <header className="border-b px-5 py-3.5 pr-14">
            <Primitive.Title className="wrap-anywhere font-semibold text-base">{title}</Primitive.Title>
            {description && (
              <Primitive.Description className="wrap-anywhere text-muted text-sm">
                {description}
              </Primitive.Description>
            )}
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
          {footer && (
            <footer className="flex flex-wrap justify-end gap-2 border-t px-5 py-3">{footer}</footer>
          )}
          <CloseButton />
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
