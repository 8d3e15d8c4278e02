import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { FilterSelect } from "@/components/data-table";
import { databasesOptions } from "./api";
import type { Module } from "./types";

/** A filter by database: the newest ones of a module, and the one that the URL names. */
export function DatabaseFilter({
  module,
  value,
  onChange,
}: {
  module: Module;
  value: string | undefined;
  onChange: (id: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const query = useQuery(databasesOptions(module, {}));
  const options = (query.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
  if (value && query.data && !options.some((option) => option.value === value)) {
    options.push({ value, label: t("pools.this_database") });
  }
  return (
    <FilterSelect
      label={t("pools.database")}
      value={value}
      onChange={onChange}
      all={t("pools.all_databases")}
      options={options}
    />
  );
}
