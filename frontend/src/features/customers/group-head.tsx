import { Check, ExternalLink, Pencil, Pin, PinOff, X } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import type { ToggleChoice, Tone } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Tooltip } from "@/components/ui/popover";
import { cn } from "@/lib/cn";
import { useChangeGroup, useSeen } from "./api";
import { keyOf, titleOf } from "./group-list";
import { respondChoices, verdictChoices, whatsappChoices } from "./mark-choices";
import type { Group } from "./types";

const MAX_TITLE = 200;

/** The group that is open: its name, to be changed in place, its pin, and how far its work is. */
export function GroupHead({ group }: { group: Group }) {
  const { t } = useTranslation();
  const [renaming, setRenaming] = useState(false);
  const change = useChangeGroup();
  useMarkSeen(group);
  const PinIcon = group.is_pinned ? PinOff : Pin;
  const pinLabel = group.is_pinned ? t("customers.group.unpin") : t("customers.group.pin");

  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 pb-3">
      {renaming ? (
        <Rename group={group} onDone={() => setRenaming(false)} />
      ) : (
        <div className="flex min-w-0 items-center gap-1">
          <h2 className="truncate font-semibold text-base">{titleOf(group)}</h2>
          {/* Only a batch has a name of its own. */}
          {group.kind === "batch" && (
            <Tooltip content={t("customers.group.rename")}>
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={t("customers.group.rename")}
                onClick={() => setRenaming(true)}
              >
                <Pencil className="text-muted" aria-hidden />
              </Button>
            </Tooltip>
          )}
          <Tooltip content={pinLabel}>
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={pinLabel}
              aria-pressed={group.is_pinned}
              onClick={() => change.mutate({ group, is_pinned: !group.is_pinned })}
            >
              <PinIcon className="text-muted" aria-hidden />
            </Button>
          </Tooltip>
          <Tooltip content={t("customers.group.own_tab")}>
            <Button variant="ghost" size="icon-sm" asChild>
              <a
                href={`/customers?group=${encodeURIComponent(keyOf(group))}`}
                target="_blank"
                rel="noopener"
                aria-label={t("customers.group.own_tab")}
              >
                <ExternalLink className="text-muted" aria-hidden />
              </a>
            </Button>
          </Tooltip>
        </div>
      )}
      <Counts group={group} />
    </div>
  );
}

/** Opening a group is looking at its new records; the badge goes, once per visit. */
function useMarkSeen(group: Group): void {
  const { mutate } = useSeen();
  const { kind, id, new_count } = group;
  const told = useRef<string | null>(null);
  useEffect(() => {
    const visit = `${kind}:${id}:${new_count}`;
    if (new_count === 0 || told.current === visit) return;
    told.current = visit;
    mutate({ kind, id });
  }, [kind, id, new_count, mutate]);
}

function Rename({ group, onDone }: { group: Group; onDone: () => void }) {
  const { t } = useTranslation();
  const change = useChangeGroup();
  const [title, setTitle] = useState(titleOf(group));
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);

  function save(event: FormEvent) {
    event.preventDefault();
    change.mutate({ group, title: title.trim() }, { onSuccess: onDone });
  }

  return (
    <form onSubmit={save} className="flex min-w-0 items-center gap-1">
      <Input
        ref={input}
        value={title}
        maxLength={MAX_TITLE}
        aria-label={t("customers.group.title")}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onDone()}
        className="w-56"
      />
      <Button
        type="submit"
        size="icon"
        variant="primary"
        busy={change.isPending}
        aria-label={t("common.save")}
      >
        {!change.isPending && <Check aria-hidden />}
      </Button>
      <Button size="icon" variant="ghost" aria-label={t("common.cancel")} onClick={onDone}>
        <X aria-hidden />
      </Button>
    </form>
  );
}

function Counts({ group }: { group: Group }) {
  const { t } = useTranslation();
  const { counts } = group;
  const figures = [
    {
      name: t("customers.whatsapp.title"),
      values: whatsappChoices(t).map((choice) => ({ ...choice, count: counts[choice.value] })),
    },
    {
      name: t("customers.respond.title"),
      values: respondChoices(t).map((choice) => ({ ...choice, count: counts[`respond_${choice.value}`] })),
    },
    {
      name: t("customers.verdict.title"),
      values: verdictChoices(t).map((choice) => ({ ...choice, count: counts[choice.value] })),
    },
  ];
  return (
    <dl className="flex flex-wrap gap-x-5 gap-y-0.5 text-xs">
      {figures.map(({ name, values }) => (
        <div key={name} className="flex gap-2.5">
          <dt className="sr-only">{name}</dt>
          {values.map((value) => (
            <Count key={value.value} {...value} />
          ))}
        </div>
      ))}
    </dl>
  );
}

const TEXT: Record<Tone, string> = {
  neutral: "text-muted",
  accent: "text-accent-text",
  success: "text-success",
  warning: "text-warning",
  danger: "text-danger",
  info: "text-info",
};

function Count({ label, icon: Icon, tone, count }: ToggleChoice<string> & { count: number }) {
  const format = useFormat();
  return (
    <dd className="tabular inline-flex items-center gap-1 text-muted">
      <Icon className={cn("size-3.5", TEXT[tone])} aria-hidden />
      {label} <span className="font-medium text-foreground">{format.number(count)}</span>
    </dd>
  );
}
