import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { useId, useMemo } from "react";
import { Controller, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { setServerErrors } from "@/api/form-errors";
import { useFormat } from "@/api/server-time";
import { ErrorState, toast, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Switch } from "@/components/ui/checkbox";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/surface";
import { type Module, POOLS } from "@/features/pools";
import { z } from "@/lib/zod";
import { rulesOptions, useSaveRules } from "./api";
import type { ReplacementRules } from "./types";

const QUOTA_MAX = 1000;

/** Whether rejected records of a module are replaced by themselves, and how often per batch (spec 2.5). */
export function ReplacementSettings({ module }: { module: Module }) {
  const query = useQuery(rulesOptions(module));
  if (query.data) {
    return <RulesForm key={query.data.updated_at ?? ""} module={module} rules={query.data} />;
  }
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return (
    <div aria-busy className="grid gap-3">
      <Skeleton className="h-5 w-52" />
      <Skeleton className="h-8 w-40" />
    </div>
  );
}

function RulesForm({ module, rules }: { module: Module; rules: ReplacementRules }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const id = useId();
  const save = useSaveRules(module);
  const schema = useMemo(() => {
    const message = t("validation.rules.quota_invalid", { max: format.number(QUOTA_MAX) });
    return z.object({
      auto_replace_invalid: z.boolean(),
      max_replacements_per_batch: z
        .string()
        .trim()
        .regex(/^\d+$/, message)
        .refine((value) => Number(value) <= QUOTA_MAX, message),
    });
  }, [t, format]);
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      auto_replace_invalid: rules.auto_replace_invalid,
      max_replacements_per_batch: String(rules.max_replacements_per_batch),
    },
  });
  const { errors, isDirty } = form.formState;
  const quotaError = errors.max_replacements_per_batch?.message;
  return (
    <form
      noValidate
      aria-label={t(POOLS[module].title)}
      className="grid gap-3"
      onSubmit={form.handleSubmit((values) =>
        save.mutate(
          {
            auto_replace_invalid: values.auto_replace_invalid,
            max_replacements_per_batch: Number(values.max_replacements_per_batch),
          },
          {
            onSuccess: () => toast.success(t("common.saved")),
            onError: (error) => setServerErrors(error, form.setError, ["max_replacements_per_batch"]),
          },
        ),
      )}
    >
      <div className="grid items-start gap-x-6 gap-y-3 sm:grid-cols-[minmax(0,1fr)_auto_15rem]">
        <h3 className="font-medium text-sm sm:pt-7">{t(POOLS[module].title)}</h3>
        <Controller
          control={form.control}
          name="auto_replace_invalid"
          render={({ field }) => (
            <div className="flex items-center gap-2.5 max-sm:justify-between sm:pt-7">
              <label htmlFor={`${id}-auto`} className="text-sm">
                {t("validation.rules.auto")}
              </label>
              <Switch id={`${id}-auto`} checked={field.value} onCheckedChange={field.onChange} />
            </div>
          )}
        />
        <Field
          label={t(
            POOLS[module].batched ? "validation.rules.quota_batch" : "validation.rules.quota_database",
          )}
          error={quotaError}
        >
          <Input inputMode="numeric" className="tabular" {...form.register("max_replacements_per_batch")} />
        </Field>
      </div>
      <FormError>{save.error && !quotaError ? problemText(save.error) : null}</FormError>
      {isDirty ? (
        <div className="flex justify-end">
          <Button type="submit" variant="primary" busy={save.isPending}>
            {t("common.save")}
          </Button>
        </div>
      ) : (
        rules.updated_at && (
          <p className="text-right text-muted text-xs">
            {t("settings.changed", {
              date: format.dateTime(rules.updated_at),
              name: rules.updated_by ?? "–",
            })}
          </p>
        )
      )}
    </form>
  );
}
