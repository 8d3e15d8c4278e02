import { AlertDialog } from "radix-ui";
import { type ReactNode, useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { DialogFooter, overlayStyles } from "@/components/ui/dialog";
import { FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useReturnFocus } from "@/components/ui/return-focus";
import { useProblemText } from "./problem-text";

/**
 * Asks before a change that matters: says what will happen and to how many. `typeWord` must be typed when there is no
 * way back. Stays open while `busy`, and shows why it was refused.
 */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  consequence,
  confirmLabel,
  onConfirm,
  danger = true,
  typeWord,
  busy = false,
  error,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  consequence: ReactNode;
  confirmLabel: string;
  onConfirm: () => void;
  danger?: boolean;
  typeWord?: string;
  busy?: boolean;
  error?: unknown;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const text = useProblemText();
  const inputId = useId();
  const returnFocus = useReturnFocus();
  const [typed, setTyped] = useState("");
  useEffect(() => {
    if (!open) setTyped("");
  }, [open]);
  const ready = !typeWord || typed.trim().toLowerCase() === typeWord.toLowerCase();

  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !busy && onOpenChange(next)}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={overlayStyles} />
        <AlertDialog.Content
          {...returnFocus}
          className="fixed inset-x-0 bottom-0 z-50 grid w-full animate-pop-in gap-4 rounded-t-xl border border-border bg-surface p-5 shadow-xl sm:inset-x-auto sm:top-[18vh] sm:bottom-auto sm:left-1/2 sm:max-w-md sm:-translate-x-1/2 sm:rounded-lg"
        >
          <form
            className="grid gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              event.stopPropagation();
              if (ready && !busy) onConfirm();
            }}
          >
            <div className="grid gap-1.5">
              <AlertDialog.Title className="font-semibold text-base">{title}</AlertDialog.Title>
              <AlertDialog.Description asChild>
                <div className="text-muted text-sm">{consequence}</div>
              </AlertDialog.Description>
            </div>
            {children}
            {typeWord && (
              <div className="grid gap-1.5">
                <label htmlFor={inputId} className="text-sm">
                  {t("confirm.type_word", { word: typeWord })}
                </label>
                <Input
                  id={inputId}
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                  autoComplete="off"
                  autoCapitalize="off"
                  spellCheck={false}
                />
              </div>
            )}
            {error ? <FormError>{text(error)}</FormError> : null}
            <DialogFooter>
              <AlertDialog.Cancel asChild>
                <Button disabled={busy}>{t("common.cancel")}</Button>
              </AlertDialog.Cancel>
              <Button type="submit" variant={danger ? "danger" : "primary"} disabled={!ready} busy={busy}>
                {confirmLabel}
              </Button>
            </DialogFooter>
          </form>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
