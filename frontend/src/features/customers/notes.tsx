import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { newIdempotencyKey } from "@/api/client";
import { fieldErrorsOf } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { ErrorState, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/surface";
import { notesOptions, useAddNote } from "./api";
import type { Note } from "./types";

const MAX_NOTE = 2000;

/** Free texts about one record, and a place to write the next one. */
export function Notes({
  id,
  startHere,
  readOnly = false,
}: {
  id: string;
  startHere: boolean;
  readOnly?: boolean;
}) {
  const { t } = useTranslation();
  const query = useQuery(notesOptions(id));
  return (
    <section className="grid gap-2">
      <h3 className="font-medium text-muted text-xs">{t("customers.notes.title")}</h3>
      {query.isPending ? (
        <Skeleton className="h-8 w-3/5" />
      ) : query.data === undefined ? (
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      ) : (
        query.data.length > 0 && (
          <ul className="grid gap-2">
            {query.data.map((note) => (
              <NoteItem key={note.id} note={note} />
            ))}
          </ul>
        )
      )}
      {!readOnly && <NewNote key={id} id={id} startHere={startHere} />}
    </section>
  );
}

function NoteItem({ note }: { note: Note }) {
  const format = useFormat();
  return (
    <li className="rounded-md bg-surface-2 px-3 py-2 text-sm">
      <p className="whitespace-pre-wrap break-words">{note.text}</p>
      <p className="pt-0.5 text-muted text-xs">
        {note.author_name} · <time dateTime={note.at}>{format.dateTime(note.at)}</time>
      </p>
    </li>
  );
}

function NewNote({ id, startHere }: { id: string; startHere: boolean }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const add = useAddNote(id);
  const [text, setText] = useState("");
  const [key, setKey] = useState(newIdempotencyKey);
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (!startHere) return;
    // After the sheet has taken the focus itself, so that it knows whom to give it back to.
    const timer = setTimeout(() => input.current?.focus());
    return () => clearTimeout(timer);
  }, [startHere]);

  function save(event?: FormEvent) {
    event?.preventDefault();
    if (text.trim() === "" || add.isPending) return;
    add.mutate(
      { text: text.trim(), key },
      {
        onSuccess: () => {
          setText("");
          setKey(newIdempotencyKey());
        },
      },
    );
  }
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
  }

  return (
    <form onSubmit={save} className="grid gap-2">
      <Field
        label={t("customers.notes.new")}
        hint={t("customers.notes.hint")}
        error={add.isError ? (fieldErrorsOf(add.error).text ?? problemText(add.error)) : undefined}
      >
        <Textarea
          ref={input}
          value={text}
          maxLength={MAX_NOTE}
          onChange={(event) => {
            setText(event.target.value);
            // Another text is another note, also after a try that failed.
            if (add.isError) setKey(newIdempotencyKey());
          }}
          onKeyDown={onKeyDown}
        />
      </Field>
      <Button type="submit" className="justify-self-end" disabled={text.trim() === ""} busy={add.isPending}>
        {t("customers.notes.add")}
      </Button>
    </form>
  );
}
