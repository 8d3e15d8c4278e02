import type { ParseKeys } from "i18next";
import { useTranslation } from "react-i18next";
import { FilterSelect } from "@/components/data-table";
import type { TableSearch } from "@/lib/table-search";
import { useIsPhone } from "@/lib/use-media";
import { respondChoices, verdictChoices, whatsappChoices } from "./mark-choices";
import type { CustomersSearch } from "./search";
import { NONE } from "./types";

/** What a list of customers can be narrowed to: each of the marks, set to something or not set. */
export function MarkFilters({ search }: { search: TableSearch<CustomersSearch> }) {
  const { t } = useTranslation();
  const isPhone = useIsPhone();
  const { whatsapp, respond, validation } = search.values;
  const filters = [
    { key: "whatsapp", value: whatsapp, choices: whatsappChoices(t), none: "customers.whatsapp.none" },
    { key: "respond", value: respond, choices: respondChoices(t), none: "customers.respond.none" },
    { key: "validation", value: validation, choices: verdictChoices(t), none: "customers.verdict.none" },
  ] as const satisfies readonly {
    key: keyof CustomersSearch;
    none: ParseKeys;
    value: unknown;
    choices: unknown;
  }[];
  const names = {
    whatsapp: t("customers.whatsapp.title"),
    respond: t("customers.respond.title"),
    validation: t("customers.verdict.title"),
  };
  // On a phone there is room for the value only; three of them stand side by side, always in the same order.
  const named = (key: keyof typeof names, value: string) => (isPhone ? value : `${names[key]}: ${value}`);
  return (
    <div className="grid w-full grid-cols-3 gap-2 sm:contents">
      {filters.map(({ key, value, choices, none }) => (
        <FilterSelect
          key={key}
          label={names[key]}
          value={value}
          onChange={(next) => search.set({ [key]: next })}
          all={isPhone && key === "whatsapp" ? "WA" : names[key]}
          options={[
            { value: NONE, label: named(key, t(none)) },
            ...choices.map((choice) => ({ value: choice.value, label: named(key, choice.label) })),
          ]}
          className="max-sm:w-full max-sm:pr-0 max-sm:pl-2"
        />
      ))}
    </div>
  );
}
