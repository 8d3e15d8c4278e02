import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { reasonCodesOptions } from "@/api/choices";
import { ErrorState } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogDescription, DialogTitle } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Kbd, Skeleton } from "@/components/ui/surface";
import { useReasonName } from "@/lib/reason-name";

const MAX_NOTE = 500;

/** Why a record is invalid: one key or one press, with a note if there is more to say. */
export function InvalidDialog({
  name,
  onChoose,
  onClose,
}: {
  /** Whom it is about. */
  name: string;
  onChoose: (reason: string, note: string | undefined) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const reasonName = useReasonName();
  const query = useQuery(reasonCodesOptions);
  const [note, setNote] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const codes = (query.data ?? []).filter(({ is_active }) => is_active).map(({ code }) => code);

  const choose = (code: string | undefined) => {
    if (code) onChoose(code, note.trim() || undefined);
  };

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target instanceof HTMLInputElement;
    if (typing && event.key === "Enter") {
      event.preventDefault();
      list.current?.querySelector("button")?.focus();
    } else if (!typing && /^[1-9]$/.test(event.key)) {
      event.preventDefault();
      choose(codes[Number(event.key) - 1]);
    } else if (!typing && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
      const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
      const to = at < 0 ? 0 : at + (event.key === "ArrowDown" ? 1 : -1);
      buttons.at(to % buttons.length)?.focus();
    }
  }

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent className="sm:max-w-sm" onKeyDown={onKeyDown}>
        <div className="grid gap-1">
          <DialogTitle>{t("customers.invalid.title")}</DialogTitle>
          <DialogDescription className="break-all">{name}</DialogDescription>
        </div>
        {query.isPending ? (
          <div aria-busy>
            <Skeleton className="h-52" />
          </div>
        ) : query.data === undefined ? (
          <ErrorState error={query.error} onRetry={() => query.refetch()} />
        ) : (
          <>
            <ul ref={list} className="grid gap-1">
              {codes.map((code, index) => (
                <li key={code}>
                  <Button
                    variant="ghost"
                    className="w-full justify-start max-sm:h-[44px]"
                    onClick={() => choose(code)}
                  >
                    <Kbd className="max-sm:hidden">{index + 1}</Kbd>
                    {reasonName(code)}
                  </Button>
                </li>
              ))}
            </ul>
            <Field label={t("customers.invalid.note")} hint={t("customers.invalid.note_hint")}>
              <Input value={note} maxLength={MAX_NOTE} onChange={(event) => setNote(event.target.value)} />
            </Field>
          </>
        )}
      </DialogContent>
    </Dialog>
  );
}
