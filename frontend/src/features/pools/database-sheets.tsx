import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { useId, useMemo, useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { setServerErrors } from "@/api/form-errors";
import { useFormat } from "@/api/server-time";
import { ConfirmDialog, FormSheet, toast, useProblemText } from "@/components/feedback";
import { Checkbox } from "@/components/ui/checkbox";
import { Field, FormError } from "@/components/ui/field";
import { Input, NativeSelect } from "@/components/ui/input";
import { productChoicesOptions } from "@/features/products";
import { z } from "@/lib/zod";
import { useDeleteDatabase, useUpdateDatabase } from "./api";
import type { Pool } from "./descriptors";
import type { PoolDatabase } from "./types";

const NAME_MAX = 200;

/** Renames a database or moves it to another product, which checks its records against that product's reservations. */
export function EditDatabaseSheet({
  pool,
  database,
  onClose,
}: {
  pool: Pool;
  database: PoolDatabase;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const products = useQuery(productChoicesOptions);
  const update = useUpdateDatabase(pool.module, database.id);
  const schema = useMemo(
    () =>
      z.object({
        name: z
          .string()
          .trim()
          .min(1, t("pools.name_missing"))
          .max(NAME_MAX, t("pools.name_long", { max: NAME_MAX })),
        product_id: z.string(),
      }),
    [t],
  );
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { name: database.name, product_id: database.product_id },
  });
  const { errors } = form.formState;
  const moves = form.watch("product_id") !== database.product_id;
  // A retired product is not offered to others, but this database may still belong to one.
  const options = (products.data ?? []).some(({ id }) => id === database.product_id)
    ? (products.data ?? [])
    : [{ id: database.product_id, name: database.product_name }, ...(products.data ?? [])];

  return (
    <FormSheet
      onClose={onClose}
      title={t("pools.edit.title")}
      description={database.filename}
      submitLabel={t("common.save")}
      busy={update.isPending}
      onSubmit={form.handleSubmit((values) => {
        const changes = {
          name: values.name === database.name ? undefined : values.name,
          product_id: values.product_id === database.product_id ? undefined : values.product_id,
        };
        if (!changes.name && !changes.product_id) return onClose();
        update.mutate(changes, {
          onSuccess: () => {
            toast.success(t("common.saved"));
            onClose();
          },
          onError: (error) => setServerErrors(error, form.setError, ["name", "product_id"]),
        });
      })}
    >
      <Field label={t("pools.name")} error={errors.name?.message}>
        <Input autoComplete="off" {...form.register("name")} />
      </Field>
      <Field
        label={t("pools.product")}
        hint={moves ? t("pools.edit.moves") : undefined}
        error={errors.product_id?.message}
      >
        <NativeSelect {...form.register("product_id")}>
          {options.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </NativeSelect>
      </Field>
      <FormError>
        {update.error && !errors.name && !errors.product_id ? problemText(update.error) : null}
      </FormError>
    </FormSheet>
  );
}

/** To the trash, from where it can be restored; records in somebody's hands must be taken away expressly. */
export function DeleteDatabaseDialog({
  pool,
  database,
  open,
  onOpenChange,
  onDeleted,
}: {
  pool: Pool;
  database: PoolDatabase;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onDeleted: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const checkboxId = useId();
  const remove = useDeleteDatabase(pool.module);
  const [force, setForce] = useState(false);
  const total = format.number(database.total_records);
  const assigned = database.assigned_count;
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => {
        onOpenChange(next);
        if (!next) {
          remove.reset();
          setForce(false);
        }
      }}
      title={t("pools.delete.title", { name: database.name })}
      consequence={
        <>
          <p>{t("pools.delete.consequence", { count: database.total_records, formatted: total })}</p>
          {assigned > 0 && (
            <p className="mt-1">
              {t("pools.delete.assigned", { count: assigned, formatted: format.number(assigned) })}
            </p>
          )}
        </>
      }
      confirmLabel={t("pools.delete.confirm")}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() =>
        remove.mutate(
          { id: database.id, force },
          {
            onSuccess: ({ recalled_count }) => {
              toast.success(
                recalled_count > 0
                  ? t("pools.delete.done_recalled", { name: database.name, count: recalled_count })
                  : t("pools.delete.done", { name: database.name }),
              );
              onDeleted();
            },
          },
        )
      }
    >
      {assigned > 0 && (
        <div className="flex items-center gap-2 text-sm">
          <Checkbox
            id={checkboxId}
            checked={force}
            onCheckedChange={(checked) => setForce(checked === true)}
          />
          <label htmlFor={checkboxId}>{t("pools.delete.force")}</label>
        </div>
      )}
    </ConfirmDialog>
  );
}
