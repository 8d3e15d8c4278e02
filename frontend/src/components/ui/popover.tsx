import { Popover as Primitive, Tooltip as TooltipPrimitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";
import { floating, floatingStyles } from "./floating";

export const Popover = Primitive.Root;
export const PopoverTrigger = Primitive.Trigger;

export function PopoverContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal>
      <Primitive.Content {...floating} className={cn(floatingStyles, "p-3", className)} {...props} />
    </Primitive.Portal>
  );
}

export const TooltipProvider = TooltipPrimitive.Provider;

/** A hint on hover and focus; never the only place a thing is said. */
export function Tooltip({ content, children }: { content: ReactNode; children: ReactNode }) {
  return (
    <TooltipPrimitive.Root>
      <TooltipPrimitive.Trigger asChild>{children}</TooltipPrimitive.Trigger>
      <TooltipPrimitive.Portal>
        <TooltipPrimitive.Content
          {...floating}
          className="z-50 max-w-72 animate-fade-in rounded-md border border-border bg-surface px-2 py-1 text-xs shadow-md"
        >
          {content}
        </TooltipPrimitive.Content>
      </TooltipPrimitive.Portal>
    </TooltipPrimitive.Root>
  );
}
