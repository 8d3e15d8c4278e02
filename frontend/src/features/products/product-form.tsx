import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { setServerErrors } from "@/api/form-errors";
import { EntitySheet, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { Input, Textarea } from "@/components/ui/input";
import { z } from "@/lib/zod";
import type { Product } from "./api";

type Values = { name: string; description: string };

const FORM = "product-form";

/** New product, or the name and description of one. */
export function ProductSheet({
  product,
  onClose,
  onSave,
  busy,
  error,
  onRetire,
}: {
  product?: Product;
  onClose: () => void;
  onSave: (values: Values, failed: (error: unknown) => void) => void;
  busy: boolean;
  error: unknown;
  onRetire?: () => void;
}) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const schema = useMemo(
    () =>
      z.object({
        name: z.string().trim().min(1, t("auth.name_missing")).max(120),
        description: z.string().trim().max(1000),
      }),
    [t],
  );
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: { name: product?.name ?? "", description: product?.description ?? "" },
  });
  const { errors } = form.formState;
  const placed = Object.values(errors).some((entry) => entry?.type === "server");
  return (
    <EntitySheet
      open
      onClose={onClose}
      title={product ? t("products.edit") : t("products.new")}
      footer={
        <>
          {onRetire && (
            <Button className="mr-auto text-danger" onClick={onRetire}>
              {t("products.retire")}
            </Button>
          )}
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" form={FORM} variant="primary" busy={busy}>
            {product ? t("common.save") : t("common.create")}
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        noValidate
        className="grid gap-4"
        onSubmit={form.handleSubmit((values) =>
          onSave(values, (problem) => setServerErrors(problem, form.setError, ["name", "description"])),
        )}
      >
        <Field label={t("products.name")} error={errors.name?.message}>
          <Input autoComplete="off" {...form.register("name")} />
        </Field>
        <Field
          label={t("products.description_field")}
          optional={t("common.optional")}
          error={errors.description?.message}
        >
          <Textarea {...form.register("description")} />
        </Field>
        <FormError>{error != null && !placed && problemText(error)}</FormError>
      </form>
    </EntitySheet>
  );
}
