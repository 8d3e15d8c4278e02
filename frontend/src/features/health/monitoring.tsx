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
import { Card, Skeleton } from "@/components/ui/surface";
import { z } from "@/lib/zod";
import { monitoringOptions, useSaveMonitoring } from "./api";
import type { Monitoring } from "./types";

const MAX_HOURS = 168;
const SWITCHES = ["enabled", "notify_on_critical", "notify_on_warning"] as const;

/** How the data is watched by the clock, and which findings admins are told of. */
export function MonitoringTab() {
  const query = useQuery(monitoringOptions);
  if (query.data) return <MonitoringForm key={query.data.updated_at ?? ""} config={query.data} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return (
    <div aria-busy className="grid max-w-2xl gap-3">
      <Skeleton className="h-10" />
      <Skeleton className="h-10" />
      <Skeleton className="h-10" />
    </div>
  );
}

function MonitoringForm({ config }: { config: Monitoring }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const id = useId();
  const save = useSaveMonitoring();
  const schema = useMemo(() => {
    const message = t("health.monitoring.hours_invalid", { max: MAX_HOURS });
    return z.object({
      enabled: z.boolean(),
      notify_on_critical: z.boolean(),
      notify_on_warning: z.boolean(),
      check_interval_hours: z
        .string()
        .trim()
        .refine((value) => /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= MAX_HOURS, message),
    });
  }, [t]);
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      enabled: config.enabled,
      notify_on_critical: config.notify_on_critical,
      notify_on_warning: config.notify_on_warning,
      check_interval_hours: String(config.check_interval_hours),
    },
  });
  const { errors, isDirty } = form.formState;
  const words = {
    enabled: [t("health.monitoring.enabled"), t("health.monitoring.enabled_hint")],
    notify_on_critical: [t("health.monitoring.critical"), t("health.monitoring.critical_hint")],
    notify_on_warning: [t("health.monitoring.warning"), t("health.monitoring.warning_hint")],
  };
  return (
    <form
      noValidate
      className="grid max-w-2xl gap-4"
      onSubmit={form.handleSubmit(({ check_interval_hours, ...switches }) =>
        save.mutate(
          { ...switches, check_interval_hours: Number(check_interval_hours) },
          {
            onSuccess: () => toast.success(t("common.saved")),
            onError: (error) => setServerErrors(error, form.setError, ["check_interval_hours"]),
          },
        ),
      )}
    >
      <Card className="divide-y">
        {SWITCHES.map((name) => (
          <div key={name} className="flex items-center justify-between gap-4 px-4 py-3">
            <label htmlFor={`${id}-${name}`} className="grid gap-0.5 text-sm">
              <span className="font-medium">{words[name][0]}</span>
              <span className="text-muted text-xs">{words[name][1]}</span>
            </label>
            <Controller
              control={form.control}
              name={name}
              render={({ field }) => (
                <Switch
                  id={`${id}-${name}`}
                  checked={field.value}
                  onCheckedChange={field.onChange}
                  onBlur={field.onBlur}
                />
              )}
            />
          </div>
        ))}
        <div className="px-4 py-3">
          <Field
            label={t("health.monitoring.hours")}
            hint={t("health.monitoring.hours_hint")}
            error={errors.check_interval_hours?.message}
          >
            <Input inputMode="numeric" className="tabular w-28" {...form.register("check_interval_hours")} />
          </Field>
        </div>
      </Card>
      <FormError>{save.error && !errors.check_interval_hours ? problemText(save.error) : null}</FormError>
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" disabled={!isDirty} busy={save.isPending}>
          {t("common.save")}
        </Button>
        {config.updated_at && (
          <span className="text-muted text-xs">
            {t("settings.changed", {
              date: format.dateTime(config.updated_at),
              name: config.updated_by ?? "–",
            })}
          </span>
        )}
      </div>
    </form>
  );
}
