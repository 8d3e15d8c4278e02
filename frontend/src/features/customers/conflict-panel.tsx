import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Button } from "@/components/ui/button";
import type { MarkQueue } from "./mark-queue";
import { markText } from "./mark-toggles";
import type { QueueState } from "./marked";
import type { Conflict } from "./types";

/** Two people set the same field of the same record: both values, and which one it shall be. Floats, so nothing moves. */
export function ConflictPanel({
  queue,
  state,
  nameOf,
}: {
  queue: MarkQueue;
  state: QueueState;
  nameOf: (recordId: string) => string | undefined;
}) {
  const { t } = useTranslation();
  if (state.conflicts.length === 0) return null;
  return (
    <section
      role="alert"
      aria-label={t("customers.conflict.title")}
      className="fixed inset-x-2 bottom-3 z-30 mx-auto grid max-h-[60dvh] max-w-xl animate-pop-in gap-3 overflow-y-auto rounded-lg border border-warning bg-surface p-3 shadow-lg"
    >
      <h2 className="font-semibold text-sm">{t("customers.conflict.title")}</h2>
      <ul className="grid gap-3">
        {state.conflicts.map((conflict) => (
          <ConflictItem
            key={`${conflict.record_id}:${conflict.field}`}
            conflict={conflict}
            name={nameOf(conflict.record_id)}
            onChoose={(choice) => queue.settle(conflict, choice)}
          />
        ))}
      </ul>
    </section>
  );
}

function ConflictItem({
  conflict,
  name,
  onChoose,
}: {
  conflict: Conflict;
  name: string | undefined;
  onChoose: (choice: "yours" | "theirs") => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const theirs = markText(t, conflict.field, conflict.theirs);
  const yours = markText(t, conflict.field, conflict.yours);
  return (
    <li className="grid gap-2 text-sm">
      <p>
        {name && <span className="break-all font-medium">{name} · </span>}
        {t("customers.conflict.text", {
          name: conflict.by_name,
          time: format.time(conflict.at),
          theirs,
          yours,
        })}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={() => onChoose("theirs")}>
          {t("customers.conflict.keep_theirs", { value: theirs })}
        </Button>
        <Button size="sm" variant="primary" onClick={() => onChoose("yours")}>
          {t("customers.conflict.use_yours", { value: yours })}
        </Button>
      </div>
    </li>
  );
}
