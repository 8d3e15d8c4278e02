import { useQuery } from "@tanstack/react-query";
import type { ComponentProps } from "react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { useCan } from "@/api/session";
import { FilterSelect } from "@/components/data-table";
import { NativeSelect } from "@/components/ui/input";
import { productChoicesOptions } from "@/features/products";
import type { TableSearch, TableSearchValues } from "@/lib/table-search";

type Choice = Omit<ComponentProps<"select">, "onChange"> & { onChoose: (id: string) => void };

export function ProductSelect({ onChoose, ...props }: Choice) {
  const { t } = useTranslation();
  const { data } = useQuery(productChoicesOptions);
  return (
    <NativeSelect {...props} onChange={(event) => onChoose(event.target.value)}>
      <option value="">{t("reservations.choose")}</option>
      {data?.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </NativeSelect>
  );
}

export function StaffSelect({ onChoose, except, ...props }: Choice & { except?: string }) {
  const { t } = useTranslation();
  const { data } = useQuery(staffChoicesOptions);
  return (
    <NativeSelect {...props} onChange={(event) => onChoose(event.target.value)}>
      <option value="">{t("reservations.choose")}</option>
      {data
        ?.filter(({ id }) => id !== except)
        .map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
    </NativeSelect>
  );
}

type Filtered = TableSearchValues & { product_id?: string; staff_id?: string };

/** Filters by product, and by person where the list is of several. */
export function ReservationFilters({ search }: { search: TableSearch<Filtered> }) {
  const { t } = useTranslation();
  const withStaff = useCan()("staff.list");
  const products = useQuery(productChoicesOptions);
  const staff = useQuery({ ...staffChoicesOptions, enabled: withStaff });
  const { product_id, staff_id } = search.values;
  const named = (rows: readonly { id: string; name: string }[] = []) =>
    rows.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <FilterSelect
        label={t("reservations.product")}
        value={product_id}
        onChange={(value) => search.set({ product_id: value })}
        all={t("reservations.all_products")}
        options={named(products.data)}
      />
      {withStaff && (
        <FilterSelect
          label={t("reservations.staff")}
          value={staff_id}
          onChange={(value) => search.set({ staff_id: value })}
          all={t("reservations.all_staff")}
          options={named(staff.data)}
        />
      )}
    </>
  );
}
