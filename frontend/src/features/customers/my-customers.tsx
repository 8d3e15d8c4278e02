import { useQuery } from "@tanstack/react-query";
import { UsersRound } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { DataTable } from "@/components/data-table";
import { PageHeader } from "@/components/layout";
import { RecordSheet } from "@/features/pools";
import { useTableSearch } from "@/lib/table-search";
import { myRecordsOptions } from "./api";
import { myColumns, otherFields } from "./columns";
import { CustomerCard } from "./customer-card";
import { GroupCards } from "./group-cards";
import type { MySearch } from "./search";

/** What one staff holds, in all modules: groups beside the records, nothing that is somebody else's (spec 6.2). */
export function MyCustomers() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = useTableSearch<MySearch>();
  const query = useQuery(myRecordsOptions(search.values));
  const { group, open } = search.values;
  const rows = query.data?.items;
  const fields = useMemo(() => (group && rows ? otherFields(rows) : []), [group, rows]);
  const columns = useMemo(() => myColumns(t, format, fields), [t, format, fields]);

  return (
    <>
      <PageHeader title={t("customers.mine.title")} description={t("customers.mine.description")} />
      <div className="grid items-start gap-4 lg:grid-cols-[17rem_minmax(0,1fr)]">
        <GroupCards chosen={group} onChoose={(next) => search.set({ group: next })} />
        <DataTable
          id="my-customers"
          label={t("customers.mine.title")}
          columns={columns}
          query={query}
          search={search}
          getRowId={(record) => record.id}
          searchLabel={t("customers.search")}
          empty={{
            icon: UsersRound,
            title: t("customers.mine.empty"),
            description: t("customers.mine.empty_hint"),
          }}
          onOpen={(record) => search.setOpen(record.id)}
          isOpen={(record) => record.id === open}
          card={(record) => <CustomerCard record={record} withDatabase={!group} />}
        />
      </div>
      <RecordSheet
        id={open}
        record={rows?.find((record) => record.id === open)}
        onClose={() => search.setOpen(undefined)}
      />
    </>
  );
}
