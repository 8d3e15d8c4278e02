import { useQuery } from "@tanstack/react-query";
import { UsersRound } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { useFormat } from "@/api/server-time";
import { DataTable, FilterSelect } from "@/components/data-table";
import { PageHeader } from "@/components/layout";
import { MODULES, POOLS, RecordSheet } from "@/features/pools";
import { useTableSearch } from "@/lib/table-search";
import { assignmentsOptions } from "./api";
import { assignmentColumns } from "./columns";
import type { AssignmentsSearch } from "./search";

/** Every record that somebody holds, whatever the module. */
export function AllAssignments() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = useTableSearch<AssignmentsSearch>();
  const query = useQuery(assignmentsOptions(search.values));
  const staff = useQuery(staffChoicesOptions);
  const columns = useMemo(() => assignmentColumns(t, format), [t, format]);
  const { open, staff_id, module } = search.values;
  return (
    <>
      <PageHeader title={t("customers.everybody.title")} description={t("customers.everybody.description")} />
      <DataTable
        id="assignments"
        label={t("customers.everybody.title")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(record) => record.id}
        searchLabel={t("customers.search")}
        filters={
          <>
            <FilterSelect
              label={t("customers.holder")}
              value={staff_id}
              onChange={(value) => search.set({ staff_id: value })}
              all={t("customers.everybody.all_staff")}
              options={(staff.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            />
            <FilterSelect
              label={t("customers.module")}
              value={module}
              onChange={(value) => search.set({ module: value as AssignmentsSearch["module"] })}
              all={t("customers.everybody.all_modules")}
              options={MODULES.map((name) => ({ value: name, label: t(POOLS[name].title) }))}
            />
          </>
        }
        empty={{
          icon: UsersRound,
          title: t("customers.everybody.empty"),
          description: t("customers.everybody.empty_hint"),
        }}
        onOpen={(record) => search.setOpen(record.id)}
        isOpen={(record) => record.id === open}
      />
      <RecordSheet
        id={open}
        record={query.data?.items.find((record) => record.id === open)}
        onClose={() => search.setOpen(undefined)}
      />
    </>
  );
}
