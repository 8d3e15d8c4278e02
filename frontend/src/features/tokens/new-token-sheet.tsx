import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { Controller, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { setServerErrors } from "@/api/form-errors";
import { FormSheet, useProblemText } from "@/components/feedback";
import { Checkbox } from "@/components/ui/checkbox";
import { Field, FormError } from "@/components/ui/field";
import { Input, NativeSelect } from "@/components/ui/input";
import { z } from "@/lib/zod";
import { type Scope, useCreateToken } from "./api";

const DAYS = [30, 90, 180, 365] as const;
const FIELDS = ["name", "scopes", "expires_in_days"] as const;

/** A new token of one's own: what it is for, what it may, until when. */
export function NewTokenSheet({
  scopes,
  onClose,
  onMade,
}: {
  scopes: readonly Scope[];
  onClose: () => void;
  onMade: (name: string, token: string) => void;
}) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const create = useCreateToken();
  const schema = useMemo(
    () =>
      z.object({
        name: z.string().trim().min(1, t("auth.name_missing")).max(120),
        scopes: z.array(z.enum(["read", "work", "manage", "export"])).min(1, t("tokens.scope_missing")),
        expires_in_days: z.coerce.number<string>().int(),
      }),
    [t],
  );
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { name: "", scopes: ["read"] as Scope[], expires_in_days: "90" },
  });
  const { errors } = form.formState;
  const placed = FIELDS.some((name) => errors[name]);
  return (
    <FormSheet
      onClose={onClose}
      title={t("tokens.new")}
      description={t("tokens.new_hint")}
      submitLabel={t("common.create")}
      busy={create.isPending}
      onSubmit={form.handleSubmit((values) =>
        create.mutate(values, {
          onSuccess: ({ name, token }) => onMade(name, token),
          onError: (error) => setServerErrors(error, form.setError, FIELDS),
        }),
      )}
    >
      <Field label={t("tokens.name")} hint={t("tokens.name_hint")} error={errors.name?.message}>
        <Input autoComplete="off" {...form.register("name")} />
      </Field>
      <Controller
        control={form.control}
        name="scopes"
        render={({ field }) => (
          <fieldset className="grid gap-3">
            <legend className="mb-2 font-medium text-sm">{t("tokens.scopes")}</legend>
            {scopes.map((scope) => (
              <label key={scope} htmlFor={`scope-${scope}`} className="flex items-start gap-3 text-sm">
                <Checkbox
                  id={`scope-${scope}`}
                  className="mt-0.5"
                  checked={field.value.includes(scope)}
                  onCheckedChange={(on) =>
                    field.onChange(
                      scopes.filter((name) => (name === scope ? on === true : field.value.includes(name))),
                    )
                  }
                />
                <span>
                  {t(`tokens.scope.${scope}`)}
                  <span className="block text-muted text-xs">{t(`tokens.scope_hint.${scope}`)}</span>
                </span>
              </label>
            ))}
            {errors.scopes?.message && <p className="text-danger text-xs">{errors.scopes.message}</p>}
          </fieldset>
        )}
      />
      <Field label={t("tokens.expires")} error={errors.expires_in_days?.message}>
        <NativeSelect {...form.register("expires_in_days")}>
          {DAYS.map((days) => (
            <option key={days} value={days}>
              {t("tokens.days", { count: days })}
            </option>
          ))}
        </NativeSelect>
      </Field>
      <FormError>{create.error && !placed ? problemText(create.error) : null}</FormError>
    </FormSheet>
  );
}
