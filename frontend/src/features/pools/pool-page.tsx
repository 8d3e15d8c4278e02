import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ArchiveRestore, Trash2, Upload } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { DataTable, FilterSelect } from "@/components/data-table";
import { toast } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { ExportButton } from "@/features/exports";
import { productChoicesOptions } from "@/features/products";
import { useTableSearch } from "@/lib/table-search";
import { databasesOptions, useRestoreDatabase } from "./api";
import { databaseColumns } from "./database-columns";
import type { Pool } from "./descriptors";
import type { PoolSearch } from "./search";
import type { PoolDatabase } from "./types";

type Tab = "databases" | "imports" | "trash";

/** The databases of one module; every module uses this page (spec 6.2). `imports` is the list of its recent uploads. */
export function PoolPage({ pool, imports }: { pool: Pool; imports: ReactNode }) {
  const { t } = useTranslation();
  const can = useCan();
  const navigate = useNavigate();
  const search = useTableSearch<PoolSearch>();
  const tab: Tab = search.values.tab ?? "databases";
  const tabs: Tab[] = [
    "databases",
    ...(can("imports.manage") ? (["imports"] as const) : []),
    ...(can("databases.manage") ? (["trash"] as const) : []),
  ];
  const upload = can("imports.manage") && (
    <Button variant="primary" asChild>
      <Link to="/imports/new" search={{ module: pool.module }}>
        <Upload aria-hidden />
        {t("pools.upload")}
      </Link>
    </Button>
  );

  return (
    <>
      <PageHeader title={t(pool.title)} description={t(pool.description)} actions={upload} />
      <Tabs
        value={tab}
        onValueChange={(next) =>
          void navigate({
            to: pool.path,
            search: next === "databases" ? {} : { tab: next as PoolSearch["tab"] },
          })
        }
      >
        <TabsList className="mb-4" aria-label={t(pool.title)}>
          {tabs.map((name) => (
            <TabsTrigger key={name} value={name}>
              {t(`pools.tabs.${name}`)}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value="databases">
          <DatabaseList pool={pool} trash={false} upload={upload} />
        </TabsContent>
        <TabsContent value="imports">{imports}</TabsContent>
        <TabsContent value="trash">
          <DatabaseList pool={pool} trash upload={null} />
        </TabsContent>
      </Tabs>
    </>
  );
}

function DatabaseList({ pool, trash, upload }: { pool: Pool; trash: boolean; upload: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const search = useTableSearch<PoolSearch>();
  const query = useQuery(databasesOptions(pool.module, search.values));
  const products = useQuery(productChoicesOptions);
  const restore = useRestoreDatabase(pool.module);
  const columns = useMemo(() => databaseColumns(t, format, pool, trash), [t, format, pool, trash]);

  function putBack(row: PoolDatabase) {
    restore.mutate(row.id, {
      onSuccess: () => toast.success(t("pools.restored_database", { name: row.name })),
    });
  }

  return (
    <DataTable
      id={trash ? "databases-trash" : "databases"}
      label={t(trash ? "pools.tabs.trash" : pool.title)}
      columns={columns}
      query={query}
      search={search}
      getRowId={(row) => row.id}
      searchLabel={t("pools.search_databases")}
      filters={
        <FilterSelect
          label={t("pools.product")}
          value={search.values.product_id}
          onChange={(product_id) => search.set({ product_id })}
          all={t("pools.all_products")}
          options={(products.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        />
      }
      actions={
        !trash && <ExportButton kind={pool.exportKind} filters={{ product_id: search.values.product_id }} />
      }
      empty={
        trash
          ? { icon: Trash2, title: t("pools.trash_empty"), description: t("pools.trash_empty_hint") }
          : { icon: pool.icon, title: t("pools.empty"), description: t("pools.empty_hint"), action: upload }
      }
      onOpen={trash ? undefined : (row) => void navigate({ to: `${pool.path}/$id`, params: { id: row.id } })}
      rowActions={
        trash
          ? (row) => (
              <Button
                size="sm"
                busy={restore.isPending && restore.variables === row.id}
                onClick={() => putBack(row)}
                aria-label={t("pools.restore_named", { name: row.name })}
              >
                <ArchiveRestore aria-hidden />
                {t("pools.restore")}
              </Button>
            )
          : undefined
      }
    />
  );
}
