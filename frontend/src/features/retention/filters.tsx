import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { useCan } from "@/api/session";
import { FilterSelect } from "@/components/data-table";
import { asOptions, DayInput } from "@/features/deposits";
import { productChoicesOptions } from "@/features/products";
import type { TableSearch } from "@/lib/table-search";
import type { RetentionSearch } from "./search";

/** What all tabs obey: product, staff for those who see several, and days where they matter. */
export function RetentionFilters({
  search,
  withDays,
}: {
  search: TableSearch<RetentionSearch>;
  withDays?: boolean;
}) {
  const { t } = useTranslation();
  const manages = useCan()("retention.team");
  const { product_id, staff_id, start_date, end_date } = search.values;
  const products = useQuery(productChoicesOptions);
  const staff = useQuery({ ...staffChoicesOptions, enabled: manages });
  return (
    <>
      <FilterSelect
        label={t("retention.product")}
        value={product_id}
        onChange={(value) => search.set({ product_id: value })}
        all={t("retention.all_products")}
        options={asOptions(products.data)}
      />
      {manages && (
        <FilterSelect
          label={t("retention.staff")}
          value={staff_id}
          onChange={(value) => search.set({ staff_id: value })}
          all={t("retention.all_staff")}
          options={asOptions(staff.data)}
        />
      )}
      {withDays && (
        <>
          <DayInput
            label={t("retention.from")}
            value={start_date}
            max={end_date}
            onChange={(day) => search.set({ start_date: day })}
          />
          <DayInput
            label={t("retention.until")}
            value={end_date}
            min={start_date}
            onChange={(day) => search.set({ end_date: day })}
          />
        </>
      )}
    </>
  );
}
