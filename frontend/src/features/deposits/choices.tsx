import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { useCan } from "@/api/session";
import { FilterSelect } from "@/components/data-table";
import { Input } from "@/components/ui/input";
import { productChoicesOptions } from "@/features/products";
import { cn } from "@/lib/cn";
import { useTypedDay } from "./use-typed-day";

export type Choice = { id: string; name: string };

export const asOptions = (rows: readonly Choice[] = []) =>
  rows.map(({ id, name }) => ({ value: id, label: name }));

type Filtered = { product_id?: string; staff_id?: string; start_date?: string; end_date?: string };

/** Filters by product, by person for those who see several, and by days. */
export function DepositFilters({
  values,
  onChange,
  withStaff = true,
}: {
  values: Filtered;
  onChange: (patch: Filtered) => void;
  withStaff?: boolean;
}) {
  const { t } = useTranslation();
  const manages = useCan()("deposits.manage") && withStaff;
  const products = useQuery(productChoicesOptions);
  const staff = useQuery({ ...staffChoicesOptions, enabled: manages });
  return (
    <>
      <FilterSelect
        label={t("deposits.product")}
        value={values.product_id}
        onChange={(product_id) => onChange({ product_id })}
        all={t("deposits.all_products")}
        options={asOptions(products.data)}
      />
      {manages && (
        <FilterSelect
          label={t("deposits.staff")}
          value={values.staff_id}
          onChange={(staff_id) => onChange({ staff_id })}
          all={t("deposits.all_staff")}
          options={asOptions(staff.data)}
        />
      )}
      <DayInput
        label={t("deposits.from")}
        value={values.start_date}
        max={values.end_date}
        onChange={(start_date) => onChange({ start_date })}
      />
      <DayInput
        label={t("deposits.until")}
        value={values.end_date}
        min={values.start_date}
        onChange={(end_date) => onChange({ end_date })}
      />
    </>
  );
}

/** One business day of a filter; empty is any. */
export function DayInput({
  label,
  value,
  min,
  max,
  onChange,
}: {
  label: string;
  value: string | undefined;
  min?: string;
  max?: string;
  onChange: (day: string | undefined) => void;
}) {
  const id = useId();
  const field = useTypedDay(value, onChange, { min, max });
  return (
    <span className="inline-flex items-center gap-1.5 text-muted text-sm max-sm:w-full">
      <label htmlFor={id} className="max-sm:w-16">
        {label}
      </label>
      <Input
        id={id}
        {...field}
        className={cn("w-36 text-foreground max-sm:flex-1", value && "border-accent bg-accent-soft")}
      />
    </span>
  );
}
