import { zodResolver } from "@hookform/resolvers/zod";
import { useId, useMemo } from "react";
import { Controller, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { FormSheet, toast, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { RadioGroup, RadioItem } from "@/components/ui/checkbox";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { z } from "@/lib/zod";
import { useChangeJob } from "./api";
import type { Job } from "./types";
import { isDaily, useJobWords } from "./words";

const HOURS_AND_MINUTES = /^([01]\d|2[0-3]):[0-5]\d$/;

/** When a job runs: at a time of day, or as a cron expression says. */
export function ScheduleSheet({ job, onClose }: { job: Job; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useJobWords();
  const problemText = useProblemText();
  const change = useChangeJob(true);
  const id = useId();
  const daily = isDaily(job.schedule);
  const schema = useMemo(
    () =>
      z
        .object({ kind: z.enum(["daily", "cron"]), time: z.string(), cron: z.string().trim() })
        .superRefine((values, context) => {
          if (values.kind === "daily" && !HOURS_AND_MINUTES.test(values.time)) {
            context.addIssue({ code: "custom", path: ["time"], message: t("jobs.form.time_invalid") });
          }
          if (values.kind === "cron" && values.cron.split(/\s+/).length !== 5) {
            context.addIssue({ code: "custom", path: ["cron"], message: t("jobs.form.cron_invalid") });
          }
        }),
    [t],
  );
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      kind: daily ? ("daily" as const) : ("cron" as const),
      time: daily ? job.schedule : "00:00",
      cron: daily ? "" : job.schedule,
    },
  });
  const { errors } = form.formState;
  const kind = form.watch("kind");
  const field = kind === "daily" ? ("time" as const) : ("cron" as const);
  const save = (schedule: string) =>
    change.mutate(
      { key: job.key, schedule, confirmed: false },
      {
        onSuccess: () => {
          toast.success(t("common.saved"));
          onClose();
        },
        onError: (error) => {
          // The server knows one field, the form two ways of filling it.
          const message =
            isProblem(error) && error.errors.find((found) => found.field === "schedule")?.message;
          if (message) form.setError(field, { type: "server", message });
        },
      },
    );

  return (
    <FormSheet
      onClose={onClose}
      title={t("jobs.form.title", { name: words.title(job.key) })}
      description={t("jobs.form.description", { zone: format.zone })}
      submitLabel={t("common.save")}
      busy={change.isPending}
      onSubmit={form.handleSubmit((values) => save(values.kind === "daily" ? values.time : values.cron))}
    >
      <Controller
        control={form.control}
        name="kind"
        render={({ field: { value, onChange } }) => (
          <RadioGroup
            value={value}
            onValueChange={onChange}
            aria-label={t("jobs.schedule")}
            className="grid gap-2"
          >
            {(["daily", "cron"] as const).map((choice) => (
              <label key={choice} htmlFor={`${id}-${choice}`} className="flex items-center gap-2 text-sm">
                <RadioItem id={`${id}-${choice}`} value={choice} />
                {t(`jobs.form.${choice}`)}
              </label>
            ))}
          </RadioGroup>
        )}
      />
      {kind === "daily" ? (
        <Field label={t("jobs.form.time")} error={errors.time?.message}>
          <Input type="time" className="tabular w-32" {...form.register("time")} />
        </Field>
      ) : (
        <Field label={t("jobs.form.expression")} hint={t("jobs.form.cron_hint")} error={errors.cron?.message}>
          <Input
            className="tabular font-mono"
            autoComplete="off"
            spellCheck={false}
            maxLength={100}
            placeholder="*/5 * * * *"
            {...form.register("cron")}
          />
        </Field>
      )}
      {job.schedule !== job.default_schedule && (
        <div>
          <Button size="sm" onClick={() => save(job.default_schedule)}>
            {t("jobs.form.default", { schedule: words.schedule(job.default_schedule) })}
          </Button>
        </div>
      )}
      <FormError>{change.error && !errors[field] ? problemText(change.error) : null}</FormError>
    </FormSheet>
  );
}
