import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { setServerErrors } from "@/api/form-errors";
import { useFormat } from "@/api/server-time";
import { ErrorState, SaveFooter, toast, useProblemText } from "@/components/feedback";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/surface";
import { z } from "@/lib/zod";
import { type AccessLimits, accessLimitsOptions, useSaveAccessLimits } from "./api";

const LIMIT_MAX = 10_000_000;
const FACTOR_MIN = 1.5;
const FACTOR_MAX = 1000;

const KINDS = ["opens", "searches", "rows"] as const;
const SPANS = ["hour", "day"] as const;
const LIMITS = KINDS.flatMap((kind) => SPANS.map((span) => `${kind}_per_${span}` as const));
const FIELDS = [...LIMITS, "alarm_factor"] as const;

/** How many customers one person may look at, and from when on administrators are told. */
export function AccessLimitsSettings() {
  const query = useQuery(accessLimitsOptions);
  if (query.data) return <LimitsForm key={query.data.updated_at ?? ""} limits={query.data} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return (
    <div aria-busy className="grid gap-3">
      <Skeleton className="h-8" />
      <Skeleton className="h-8" />
      <Skeleton className="h-8" />
    </div>
  );
}

const textOf = (value: number | null | undefined) => (value == null ? "" : String(value));

function LimitsForm({ limits }: { limits: AccessLimits }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const save = useSaveAccessLimits();
  const schema = useMemo(() => {
    const message = t("settings.access.limit_invalid", { max: format.number(LIMIT_MAX) });
    const limit = z
      .string()
      .trim()
      .regex(/^\d*$/, message)
      .refine((value) => value === "" || (Number(value) >= 1 && Number(value) <= LIMIT_MAX), message);
    const range = t("settings.access.factor_invalid", { min: FACTOR_MIN, max: FACTOR_MAX });
    const factor = z
      .string()
      .trim()
      .refine((value) => Number(value) >= FACTOR_MIN && Number(value) <= FACTOR_MAX, range);
    const shape = Object.fromEntries(LIMITS.map((name) => [name, limit]));
    return z.object({ ...(shape as Record<(typeof LIMITS)[number], typeof limit>), alarm_factor: factor });
  }, [t, format]);
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: Object.fromEntries(FIELDS.map((name) => [name, textOf(limits[name])])) as Record<
      (typeof FIELDS)[number],
      string
    >,
  });
  const { errors, isDirty } = form.formState;
  const placed = FIELDS.some((name) => errors[name]);

  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={form.handleSubmit((values) =>
        save.mutate(
          Object.fromEntries(FIELDS.map((name) => [name, values[name] === "" ? null : Number(values[name])])),
          {
            onSuccess: () => toast.success(t("common.saved")),
            onError: (error) => setServerErrors(error, form.setError, FIELDS),
          },
        ),
      )}
    >
      <div className="grid grid-cols-2 items-start gap-4 sm:grid-cols-[minmax(0,1fr)_10rem_10rem]">
        {KINDS.map((kind) => (
          <Fragment key={kind}>
            <p className="text-sm max-sm:col-span-2 sm:pt-7">{t(`settings.access.${kind}`)}</p>
            {SPANS.map((span) => {
              const name = `${kind}_per_${span}` as const;
              return (
                <Field key={span} label={t(`settings.access.per_${span}`)} error={errors[name]?.message}>
                  <Input
                    inputMode="numeric"
                    className="tabular"
                    aria-label={`${t(`settings.access.${kind}`)}, ${t(`settings.access.per_${span}`)}`}
                    {...form.register(name)}
                  />
                </Field>
              );
            })}
          </Fragment>
        ))}
      </div>
      <Field
        label={t("settings.access.factor")}
        hint={t("settings.access.factor_hint")}
        error={errors.alarm_factor?.message}
      >
        <Input inputMode="decimal" className="tabular w-32" {...form.register("alarm_factor")} />
      </Field>
      <FormError>{save.error && !placed ? problemText(save.error) : null}</FormError>
      <SaveFooter isDirty={isDirty} busy={save.isPending} saved={limits} />
    </form>
  );
}
