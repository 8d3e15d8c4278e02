import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export function Card({ className, ...props }: ComponentProps<"section">) {
  return <section className={cn("rounded-lg border border-border bg-surface", className)} {...props} />;
}

export function Kbd({ className, ...props }: ComponentProps<"kbd">) {
  return (
    <kbd
      className={cn(
        "inline-grid h-5 min-w-5 place-content-center rounded border border-border bg-surface-2 px-1 font-sans text-muted text-xs",
        className,
      )}
      {...props}
    />
  );
}

/** A grey block where content is about to be; hidden from assistive technology, which hears `aria-busy` instead. */
export function Skeleton({ className, ...props }: ComponentProps<"div">) {
  return (
    <div
      aria-hidden
      className={cn("animate-pulse rounded bg-surface-2 dark:bg-border/60", className)}
      {...props}
    />
  );
}
