import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Checkbox, RadioGroup, RadioItem } from "@/components/ui/checkbox";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/surface";
import type { StaffRoom } from "./types";

/** With fewer than this there is nothing to search for. */
const SEARCH_FROM = 8;

/** Who gets records: everybody who may, with what they hold now and how much more they may hold. */
export function StaffPicker({
  single = false,
  staff,
  loading,
  chosen,
  onChange,
  error,
}: {
  /** Exactly one can be chosen. */
  single?: boolean;
  staff: readonly StaffRoom[];
  loading: boolean;
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  error?: string;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const id = useId();
  const [wanted, setWanted] = useState("");
  const shown = staff.filter((person) =>
    person.staff_name.toLowerCase().includes(wanted.trim().toLowerCase()),
  );

  return (
    <fieldset className="grid gap-2" aria-describedby={error ? `${id}-error` : undefined}>
      <legend className="flex w-full items-baseline justify-between pb-1 font-medium text-sm">
        {t("pools.assign.staff")}
        {!single && (
          <span className="tabular font-normal text-muted text-xs">
            {t("pools.assign.chosen", { count: chosen.length })}
          </span>
        )}
      </legend>
      {staff.length >= SEARCH_FROM && (
        <Input
          type="search"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
          placeholder={t("pools.assign.search_staff")}
          aria-label={t("pools.assign.search_staff")}
          autoComplete="off"
        />
      )}
      <div className="max-h-56 overflow-y-auto rounded-md border border-border">
        {loading ? (
          <div aria-busy className="grid gap-2 p-3">
            <Skeleton className="h-5" />
            <Skeleton className="h-5" />
            <Skeleton className="h-5" />
          </div>
        ) : shown.length === 0 ? (
          <p className="p-3 text-muted text-sm">
            {staff.length === 0 ? t("pools.assign.no_staff") : t("table.nothing_found")}
          </p>
        ) : (
          <People single={single} chosen={chosen} onChange={onChange}>
            {shown.map((person) => {
              const full = person.room !== null && person.room <= 0;
              const box = `${id}-${person.staff_id}`;
              return (
                <li
                  key={person.staff_id}
                  className="flex items-center gap-3 px-3 py-2 text-sm has-[[data-state=checked]]:bg-accent-soft"
                >
                  {single ? (
                    <RadioItem id={box} value={person.staff_id} disabled={full} />
                  ) : (
                    <Checkbox
                      id={box}
                      checked={chosen.includes(person.staff_id)}
                      disabled={full && !chosen.includes(person.staff_id)}
                      onCheckedChange={(checked) =>
                        onChange(
                          checked === true
                            ? [...chosen, person.staff_id]
                            : chosen.filter((entry) => entry !== person.staff_id),
                        )
                      }
                    />
                  )}
                  <label htmlFor={box} className="min-w-0 flex-1 break-words">
                    {person.staff_name}
                  </label>
                  <span className="tabular text-right text-muted text-xs">
                    {person.open_records !== null &&
                      t("pools.assign.open_records", {
                        count: person.open_records,
                        formatted: format.number(person.open_records),
                      })}
                    {person.room !== null && (
                      <span className={full ? "block text-danger" : "block"}>
                        {full
                          ? t("pools.assign.full")
                          : t("pools.assign.room", {
                              count: person.room,
                              formatted: format.number(person.room),
                            })}
                      </span>
                    )}
                  </span>
                </li>
              );
            })}
          </People>
        )}
      </div>
      {error && (
        <p id={`${id}-error`} role="alert" className="text-danger text-xs">
          {error}
        </p>
      )}
    </fieldset>
  );
}

/** The list of people; for one choice it is a group of radio buttons as well. */
function People({
  single,
  chosen,
  onChange,
  children,
}: {
  single: boolean;
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const list = <ul className="divide-y">{children}</ul>;
  if (!single) return list;
  return (
    <RadioGroup
      value={chosen[0] ?? ""}
      onValueChange={(id) => onChange([id])}
      aria-label={t("pools.assign.staff")}
    >
      {list}
    </RadioGroup>
  );
}
