import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { productChoicesOptions } from "@/features/products";
import { useCodeText } from "@/lib/code-text";
import type { DepositDetail } from "./types";

type Change = { field: string; from: unknown; to: unknown };

const isPair = (value: unknown): value is { from: unknown; to: unknown } =>
  typeof value === "object" && value !== null && "from" in value && "to" in value;

/** What has happened to a deposit, with what each correction changed. */
export function DepositHistory({ events }: { events: DepositDetail["events"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  return (
    <section>
      <h3 className="pb-2 font-medium text-muted text-xs">{t("deposits.history")}</h3>
      <ol aria-label={t("deposits.history")} className="grid gap-3 border-l pl-4">
        {events.map(({ at, kind, actor_name, reason, detail = {} }, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: history is only ever added to
            key={`${at}:${index}`}
            className="relative text-sm before:absolute before:top-1.5 before:-left-[1.3rem] before:size-2.5 before:rounded-full before:border-2 before:border-border-strong before:bg-surface"
          >
            <p className="font-medium">{codeText("deposits.event", kind, kind)}</p>
            {Object.entries(detail).map(
              ([field, pair]) => isPair(pair) && <Changed key={field} field={field} {...pair} />,
            )}
            {reason && <p className="break-words text-muted">{reason}</p>}
            <p className="text-muted text-xs">
              {format.dateTime(at)} · {actor_name}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

const NUMBERS = new Set(["nominal", "depo_kelipatan"]);

function Changed({ field, from, to }: Change) {
  const { t } = useTranslation();
  const format = useFormat();
  const codeText = useCodeText();
  const products = useQuery({ ...productChoicesOptions, enabled: field === "product_id" });
  const staff = useQuery({
    ...staffChoicesOptions,
    enabled: useCan()("staff.list") && field === "staff_id",
  });
  const shown = (value: unknown): string => {
    if (value === null || value === undefined || value === "") return "–";
    if (typeof value === "boolean") return t(value ? "deposits.yes" : "deposits.no");
    if (NUMBERS.has(field)) return format.number(Number(value));
    if (field === "record_date") return format.day(String(value));
    const rows = field === "product_id" ? products.data : field === "staff_id" ? staff.data : undefined;
    return rows?.find(({ id }) => id === value)?.name ?? String(value);
  };
  return (
    <p className="break-words text-muted">
      {codeText("deposits.field", field, field)}: {shown(from)} → {shown(to)}
    </p>
  );
}
