import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { InvalidDialog } from "./invalid-dialog";
import { respondChoices, verdictChoices, whatsappChoices } from "./mark-choices";
import type { MarkValues } from "./marked";
import type { Verdict } from "./types";

/** What can be marked on all selected customers at once (spec 2.4: up to 500). */
export function BulkMarks({
  count,
  onMark,
  onVerdict,
  children,
}: {
  count: number;
  onMark: (values: MarkValues) => void;
  onVerdict: (verdict: Verdict) => void;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <MarkMenu
        label={t("customers.whatsapp.title")}
        choices={whatsappChoices(t)}
        onChoose={(value) => onMark({ whatsapp_status: value })}
      />
      <MarkMenu
        label={t("customers.respond.title")}
        choices={respondChoices(t)}
        onChoose={(value) => onMark({ respond_status: value })}
      />
      <MarkMenu
        label={t("customers.verdict.title")}
        choices={verdictChoices(t)}
        onChoose={(value) => {
          if (value === "invalid") setAsking(true);
          else onVerdict({ is_valid: value === null ? null : true });
        }}
      />
      {children}
      {asking && (
        <InvalidDialog
          name={t("table.selected", { count })}
          onClose={() => setAsking(false)}
          onChoose={(reason, note) => {
            setAsking(false);
            onVerdict({ is_valid: false, reason, note });
          }}
        />
      )}
    </>
  );
}

function MarkMenu<V extends string>({
  label,
  choices,
  onChoose,
}: {
  label: string;
  choices: { value: V; label: string; icon: React.ComponentType<{ className?: string }> }[];
  onChoose: (value: V | null) => void;
}) {
  const { t } = useTranslation();
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button size="sm">{label}</Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {choices.map(({ value, label: text, icon: Icon }) => (
          <DropdownMenuItem key={value} onSelect={() => onChoose(value)}>
            <Icon className="size-4" />
            {text}
          </DropdownMenuItem>
        ))}
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={() => onChoose(null)}>{t("customers.clear_mark")}</DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
