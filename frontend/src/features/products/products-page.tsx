import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { Archive, CircleCheck, Package, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { columnHelper, DataTable, FilterSelect } from "@/components/data-table";
import { ConfirmDialog, StatusBadge, toast, undoToast } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { useTableSearch } from "@/lib/table-search";
import { type Product, productsOptions, useCreateProduct, useRetireProduct, useUpdateProduct } from "./api";
import { ProductSheet } from "./product-form";
import type { ProductsSearch } from "./search";

function productColumns(t: TFunction, number: (value: number) => string) {
  const column = columnHelper<Product>();
  return [
    column("name", {
      label: t("products.name"),
      card: "title",
      hideable: false,
      cell: (product) => <span className="font-medium">{product.name}</span>,
    }),
    column("description", {
      label: t("products.description_field"),
      className: "max-w-md",
      cell: (product) => <span className="text-muted">{product.description || "–"}</span>,
    }),
    column("status", {
      label: t("products.status"),
      cell: (product) =>
        product.is_active ? (
          <StatusBadge label={t("products.active")} icon={CircleCheck} tone="success" />
        ) : (
          <StatusBadge label={t("products.retired")} icon={Archive} />
        ),
    }),
    column("database_count", {
      label: t("products.databases"),
      align: "end",
      cell: (product) => number(product.database_count),
    }),
  ];
}

export function ProductsPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = useTableSearch<ProductsSearch>();
  const query = useQuery(productsOptions(search.values));
  const columns = useMemo(() => productColumns(t, format.number), [t, format]);
  const create = useCreateProduct();
  const update = useUpdateProduct();
  const retire = useRetireProduct();
  const [creating, setCreating] = useState(false);
  const [retiring, setRetiring] = useState<Product | null>(null);
  const opened = query.data?.items.find((product) => product.id === search.values.open);

  function closeSheet() {
    create.reset();
    update.reset();
    setCreating(false);
    if (search.values.open) search.setOpen(undefined);
  }

  function restore(product: Product) {
    update.mutate(
      { id: product.id, is_active: true },
      { onSuccess: () => toast.success(t("products.restored")) },
    );
  }

  const add = (
    <Button variant="primary" onClick={() => setCreating(true)}>
      <Plus aria-hidden />
      {t("products.new")}
    </Button>
  );

  return (
    <>
      <PageHeader title={t("products.title")} description={t("products.description")} actions={add} />
      <DataTable
        id="products"
        label={t("products.title")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(product) => product.id}
        searchLabel={t("products.search")}
        filters={
          <FilterSelect
            label={t("products.status")}
            value={search.values.show}
            onChange={(show) => search.set({ show: show as ProductsSearch["show"] })}
            all={t("products.only_active")}
            options={[{ value: "all", label: t("products.with_retired") }]}
          />
        }
        empty={{
          icon: Package,
          title: t("products.empty"),
          description: t("products.empty_hint"),
          action: add,
        }}
        onOpen={(product) => search.setOpen(product.id)}
        isOpen={(product) => product.id === search.values.open}
        rowActions={(product) =>
          product.is_active ? null : (
            <Button size="sm" onClick={() => restore(product)}>
              {t("products.restore")}
            </Button>
          )
        }
      />
      {creating && (
        <ProductSheet
          onClose={closeSheet}
          busy={create.isPending}
          error={create.error}
          onSave={(values, failed) => create.mutate(values, { onSuccess: closeSheet, onError: failed })}
        />
      )}
      {opened && (
        <ProductSheet
          key={opened.id}
          product={opened}
          onClose={closeSheet}
          busy={update.isPending}
          error={update.error}
          onSave={(values, failed) =>
            update.mutate({ id: opened.id, ...values }, { onSuccess: closeSheet, onError: failed })
          }
          onRetire={opened.is_active ? () => setRetiring(opened) : undefined}
        />
      )}
      <ConfirmDialog
        open={retiring !== null}
        onOpenChange={(open) => {
          if (open) return;
          setRetiring(null);
          retire.reset();
        }}
        title={t("products.retire_title", { name: retiring?.name })}
        consequence={t("products.retire_consequence")}
        confirmLabel={t("products.retire")}
        busy={retire.isPending}
        error={retire.error}
        onConfirm={() => {
          if (!retiring) return;
          retire.mutate(retiring.id, {
            onSuccess: () => {
              undoToast(t("products.retired_toast", { name: retiring.name }), t("common.undo"), () =>
                restore(retiring),
              );
              setRetiring(null);
              closeSheet();
            },
          });
        }}
      />
    </>
  );
}
