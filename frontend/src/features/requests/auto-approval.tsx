import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { useId, useMemo } from "react";
import { Controller, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { setServerErrors } from "@/api/form-errors";
import { useFormat } from "@/api/server-time";
import { ErrorState, SaveFooter, toast, useProblemText } from "@/components/feedback";
import { Switch } from "@/components/ui/checkbox";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/surface";
import { z } from "@/lib/zod";
import { autoApprovalOptions, useSaveAutoApproval } from "./api";
import type { AutoApproval } from "./types";

const LIMIT_MAX = 1_000_000;
const HOURS_MAX = 720;
const FIELDS = ["max_records_per_request", "max_records_per_staff_per_day", "hold_hours"] as const;

/** When requests are approved without anybody looking (spec 2.3), and how long records are held for the others. */
export function AutoApprovalSettings() {
  const query = useQuery(autoApprovalOptions);
  if (query.data) return <AutoApprovalForm key={query.data.updated_at ?? ""} settings={query.data} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return (
    <div aria-busy className="grid gap-3">
      <Skeleton className="h-5 w-64" />
      <Skeleton className="h-8 w-40" />
      <Skeleton className="h-8 w-40" />
    </div>
  );
}

const limitText = (limit: number | null) => (limit === null ? "" : String(limit));
const limitOf = (text: string) => (text === "" ? null : Number(text));

function AutoApprovalForm({ settings }: { settings: AutoApproval }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const id = useId();
  const save = useSaveAutoApproval();
  const schema = useMemo(() => {
    const whole = (max: number, message: string) =>
      z
        .string()
        .trim()
        .regex(/^\d+$/, message)
        .refine((value) => Number(value) >= 1 && Number(value) <= max, message);
    const limit = whole(LIMIT_MAX, t("requests.auto.limit_invalid", { max: format.number(LIMIT_MAX) }));
    return z.object({
      enabled: z.boolean(),
      max_records_per_request: z.literal("").or(limit),
      max_records_per_staff_per_day: z.literal("").or(limit),
      hold_hours: whole(HOURS_MAX, t("requests.auto.hours_invalid", { max: HOURS_MAX })),
    });
  }, [t, format]);
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      enabled: settings.enabled,
      max_records_per_request: limitText(settings.max_records_per_request),
      max_records_per_staff_per_day: limitText(settings.max_records_per_staff_per_day),
      hold_hours: String(settings.hold_hours),
    },
  });
  const { errors, isDirty } = form.formState;
  const placed = FIELDS.some((field) => errors[field]);
  const enabled = form.watch("enabled");

  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={form.handleSubmit((values) =>
        save.mutate(
          {
            enabled: values.enabled,
            max_records_per_request: limitOf(values.max_records_per_request),
            max_records_per_staff_per_day: limitOf(values.max_records_per_staff_per_day),
            hold_hours: Number(values.hold_hours),
          },
          {
            onSuccess: () => toast.success(t("common.saved")),
            onError: (error) => setServerErrors(error, form.setError, FIELDS),
          },
        ),
      )}
    >
      <Controller
        control={form.control}
        name="enabled"
        render={({ field }) => (
          <div className="flex items-start justify-between gap-4">
            <div>
              <label htmlFor={`${id}-enabled`} className="font-medium text-sm">
                {t("requests.auto.enabled")}
              </label>
              <p className="text-muted text-xs">
                {t(enabled ? "requests.auto.enabled_hint" : "requests.auto.disabled_hint")}
              </p>
            </div>
            <Switch id={`${id}-enabled`} checked={field.value} onCheckedChange={field.onChange} />
          </div>
        )}
      />
      <div className="grid gap-4 sm:grid-cols-3">
        <Field
          label={t("requests.auto.per_request")}
          hint={t("requests.auto.no_limit")}
          error={errors.max_records_per_request?.message}
        >
          <Input inputMode="numeric" className="tabular" {...form.register("max_records_per_request")} />
        </Field>
        <Field
          label={t("requests.auto.per_day")}
          hint={t("requests.auto.no_limit")}
          error={errors.max_records_per_staff_per_day?.message}
        >
          <Input
            inputMode="numeric"
            className="tabular"
            {...form.register("max_records_per_staff_per_day")}
          />
        </Field>
        <Field
          label={t("requests.auto.hold_hours")}
          hint={t("requests.auto.hold_hint")}
          error={errors.hold_hours?.message}
        >
          <Input inputMode="numeric" className="tabular" {...form.register("hold_hours")} />
        </Field>
      </div>
      <FormError>{save.error && !placed ? problemText(save.error) : null}</FormError>
      <SaveFooter isDirty={isDirty} busy={save.isPending} saved={settings} />
    </form>
  );
}
