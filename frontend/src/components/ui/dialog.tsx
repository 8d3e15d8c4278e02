import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { useReturnFocus } from "./return-focus";

export const Dialog = Primitive.Root;
export const DialogTrigger = Primitive.Trigger;
export const DialogClose = Primitive.Close;
export const DialogTitle = ({ className, ...props }: ComponentProps<typeof Primitive.Title>) => (
  <Primitive.Title className={cn("pr-8 font-semibold text-base", className)} {...props} />
);
export const DialogDescription = ({ className, ...props }: ComponentProps<typeof Primitive.Description>) => (
  <Primitive.Description className={cn("text-muted text-sm", className)} {...props} />
);

export const overlayStyles = "fixed inset-0 z-40 animate-fade-in bg-overlay";

export function CloseButton({ className }: { className?: string }) {
  const { t } = useTranslation();
  return (
    <Primitive.Close
      aria-label={t("common.close")}
      className={cn(
        "absolute top-3 right-3 grid size-8 place-content-center rounded-md text-muted hover:bg-surface-2 hover:text-foreground",
        className,
      )}
    >
      <X className="size-4" aria-hidden />
    </Primitive.Close>
  );
}

/** A centred dialog; on a phone it sits at the bottom, within reach of a thumb. */
export function DialogContent({ className, children, ...props }: ComponentProps<typeof Primitive.Content>) {
  const returnFocus = useReturnFocus();
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlayStyles} />
      <Primitive.Content
        {...returnFocus}
        className={cn(
          "fixed inset-x-0 bottom-0 z-50 grid max-h-[92dvh] w-full animate-pop-in gap-4 overflow-y-auto rounded-t-xl border border-border bg-surface p-5 shadow-xl sm:inset-x-auto sm:bottom-auto sm:left-1/2 sm:top-[14vh] sm:max-h-[76dvh] sm:max-w-md sm:-translate-x-1/2 sm:rounded-lg",
          className,
        )}
        {...props}
      >
        {children}
        <CloseButton />
      </Primitive.Content>
    </Primitive.Portal>
  );
}

export function DialogFooter({ children }: { children: ReactNode }) {
  return <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">{children}</div>;
}
