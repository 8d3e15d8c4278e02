import { useQuery } from "@tanstack/react-query";
import { Archive as ArchiveIcon } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { DataTable, FilterSelect } from "@/components/data-table";
import { DatabaseFilter, MODULES, POOLS, RecordSheet, RestoreArchived } from "@/features/pools";
import { useTableSearch } from "@/lib/table-search";
import { archivedOptions } from "./api";
import { archiveColumns } from "./record-columns";
import type { ValidationSearch } from "./search";

/** What was archived, by whom it had been rejected and what came in its place; any of it can be restored. */
export function Archive() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = useTableSearch<ValidationSearch>();
  const query = useQuery(archivedOptions(search.values));
  const staff = useQuery({ ...staffChoicesOptions, enabled: useCan()("staff.list") });
  const columns = useMemo(() => archiveColumns(t, format), [t, format]);
  const { open, module, staff_id, database_id } = search.values;
  return (
    <>
      <DataTable
        id="validation-archive"
        label={t("validation.tabs.archive")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(row) => row.id}
        searchLabel={t("validation.search")}
        filters={
          <>
            <FilterSelect
              label={t("validation.module")}
              value={module}
              onChange={(value) =>
                search.set({ module: value as ValidationSearch["module"], database_id: undefined })
              }
              all={t("validation.all_modules")}
              options={MODULES.map((code) => ({ value: code, label: t(POOLS[code].title) }))}
            />
            <FilterSelect
              label={t("validation.staff")}
              value={staff_id}
              onChange={(value) => search.set({ staff_id: value })}
              all={t("validation.all_staff")}
              options={(staff.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            />
            {module && (
              <DatabaseFilter
                module={module}
                value={database_id}
                onChange={(value) => search.set({ database_id: value })}
              />
            )}
          </>
        }
        empty={{
          icon: ArchiveIcon,
          title: t("validation.archive_empty"),
          description: t("validation.archive_empty_hint"),
        }}
        onOpen={(row) => search.setOpen(row.id)}
        isOpen={(row) => row.id === open}
        bulk={(selection) => <RestoreArchived ids={selection.ids} clear={selection.clear} primary />}
      />
      <RecordSheet
        id={open}
        record={query.data?.items.find((row) => row.id === open)}
        onClose={() => search.setOpen(undefined)}
      />
    </>
  );
}
