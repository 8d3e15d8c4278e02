import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { setServerErrors } from "@/api/form-errors";
import { useFormat } from "@/api/server-time";
import { EntitySheet, ErrorState, FormSheet, toast, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/surface";
import { z } from "@/lib/zod";
import { targetsOptions, useSaveTargets } from "./api";
import type { TargetsInForce } from "./types";

/** The same limits as the server's, so that most mistakes are said at once. */
const LIMITS = {
  monthly_omset: 1_000_000_000_000,
  daily_ndp: 1000,
  daily_rdp: 1000,
  required_success_days: 31,
} as const;
const FIGURES = Object.keys(LIMITS) as (keyof typeof LIMITS)[];
const FIELDS = [...FIGURES, "effective_from"] as const;

type Props = { staffId?: string; staffName?: string; onClose: () => void };

/** What is expected of everybody, or of one staff, from a day on; past months keep what they were judged by. */
export function TargetsSheet({ staffId, staffName, onClose }: Props) {
  const { t } = useTranslation();
  const query = useQuery(targetsOptions(staffId));
  if (query.data) return <TargetsForm {...{ staffId, staffName, onClose }} targets={query.data} />;
  return (
    <EntitySheet open onClose={onClose} title={t("performance.targets")}>
      {query.isError ? (
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      ) : (
        <div aria-busy className="grid gap-3">
          <Skeleton className="h-10" />
          <Skeleton className="h-10" />
          <Skeleton className="h-10" />
        </div>
      )}
    </EntitySheet>
  );
}

function TargetsForm({ staffId, staffName, onClose, targets }: Props & { targets: TargetsInForce }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const save = useSaveTargets(staffId);
  const schema = useMemo(() => {
    const whole = (max: number) => {
      const message = t("performance.between", { max: format.number(max) });
      return z
        .string()
        .trim()
        .regex(/^\d+$/, message)
        .refine((value) => Number(value) >= 1 && Number(value) <= max, message);
    };
    return z.object({
      monthly_omset: whole(LIMITS.monthly_omset),
      daily_ndp: whole(LIMITS.daily_ndp),
      daily_rdp: whole(LIMITS.daily_rdp),
      required_success_days: whole(LIMITS.required_success_days),
      effective_from: z.string().regex(/^\d{4}-\d\d-\d\d$/, t("performance.day_missing")),
    });
  }, [t, format]);
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      monthly_omset: String(targets.monthly_omset),
      daily_ndp: String(targets.daily_ndp),
      daily_rdp: String(targets.daily_rdp),
      required_success_days: String(targets.required_success_days),
      effective_from: targets.earliest_change,
    },
  });
  const { errors } = form.formState;
  const placed = FIELDS.some((name) => errors[name]);
  const done = {
    onSuccess: () => {
      toast.success(t("common.saved"));
      onClose();
    },
    onError: (error: Error) => void setServerErrors(error, form.setError, FIELDS),
  };
  return (
    <FormSheet
      onClose={onClose}
      title={staffId ? t("performance.targets_of", { name: staffName ?? "" }) : t("performance.targets")}
      description={t(staffId ? "performance.targets_of_hint" : "performance.targets_hint")}
      submitLabel={t("common.save")}
      busy={save.isPending}
      onSubmit={form.handleSubmit(({ effective_from, ...figures }) =>
        save.mutate(
          {
            change: Object.fromEntries(FIGURES.map((name) => [name, Number(figures[name])])),
            from: effective_from,
          },
          done,
        ),
      )}
    >
      {FIGURES.map((name) => (
        <Field key={name} label={t(`performance.fields.${name}`)} error={errors[name]?.message}>
          <Input inputMode="numeric" className="tabular" {...form.register(name)} />
        </Field>
      ))}
      <Field
        label={t("performance.effective_from")}
        hint={t("performance.effective_hint")}
        error={errors.effective_from?.message}
      >
        <Input type="date" min={targets.earliest_change} {...form.register("effective_from")} />
      </Field>
      <FormError>{save.error && !placed ? problemText(save.error) : null}</FormError>
      <Button
        className="justify-self-start"
        disabled={save.isPending}
        onClick={() =>
          save.mutate({ change: null, from: form.getValues("effective_from") || undefined }, done)
        }
      >
        <RotateCcw aria-hidden />
        {t(staffId ? "performance.reset_staff" : "performance.reset")}
      </Button>
      {targets.changes.length > 0 && (
        <section aria-label={t("performance.changes")} className="text-sm">
          <h3 className="pb-1 font-medium">{t("performance.changes")}</h3>
          <ul className="divide-y rounded-md border">
            {targets.changes.map((change) => (
              <li key={change.effective_from} className="grid gap-0.5 px-3 py-2">
                <span className="font-medium">
                  {t("performance.from_day", { day: format.day(change.effective_from) })}
                </span>
                <span>
                  {change.targets
                    ? t("performance.change_text", {
                        ndp: change.targets.daily_ndp,
                        rdp: change.targets.daily_rdp,
                        days: change.targets.required_success_days,
                        omset: format.number(change.targets.monthly_omset),
                      })
                    : t("performance.as_everybody")}
                </span>
                <span className="text-muted text-xs">
                  {t("performance.set_by", {
                    name: change.set_by_name,
                    date: format.dateTime(change.set_at),
                  })}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </FormSheet>
  );
}
