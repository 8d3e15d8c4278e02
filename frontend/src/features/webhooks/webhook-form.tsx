import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { Controller, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { setServerErrors } from "@/api/form-errors";
import { FormSheet, useProblemText } from "@/components/feedback";
import { Checkbox } from "@/components/ui/checkbox";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useCodeText } from "@/lib/code-text";
import { z } from "@/lib/zod";
import { EVENTS, type HookValues, type Webhook } from "./api";

const FIELDS = ["name", "url", "events"] as const;

/** A new webhook, or name, address and events of one. */
export function WebhookForm({
  hook,
  busy,
  error,
  onSave,
  onClose,
}: {
  hook?: Webhook;
  busy: boolean;
  error: unknown;
  onSave: (values: HookValues, failed: (error: unknown) => void) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const codeText = useCodeText();
  const problemText = useProblemText();
  const schema = useMemo(
    () =>
      z.object({
        name: z.string().trim().min(1, t("auth.name_missing")).max(120),
        url: z.string().trim().min(1, t("webhooks.url_missing")).max(500),
        events: z.array(z.enum(EVENTS)).min(1, t("webhooks.events_missing")),
      }),
    [t],
  );
  const form = useForm<HookValues>({
    resolver: zodResolver(schema),
    defaultValues: { name: hook?.name ?? "", url: hook?.url ?? "", events: hook?.events ?? [] },
  });
  const { errors } = form.formState;
  const placed = FIELDS.some((name) => errors[name]);
  return (
    <FormSheet
      onClose={onClose}
      title={hook ? t("webhooks.edit") : t("webhooks.new")}
      submitLabel={hook ? t("common.save") : t("common.create")}
      busy={busy}
      onSubmit={form.handleSubmit((values) =>
        onSave(values, (problem) => setServerErrors(problem, form.setError, FIELDS)),
      )}
    >
      <Field label={t("webhooks.name")} error={errors.name?.message}>
        <Input autoComplete="off" {...form.register("name")} />
      </Field>
      <Field label={t("webhooks.url")} hint={t("webhooks.url_hint")} error={errors.url?.message}>
        <Input type="url" inputMode="url" autoComplete="off" {...form.register("url")} />
      </Field>
      <Controller
        control={form.control}
        name="events"
        render={({ field }) => (
          <fieldset className="grid gap-3">
            <legend className="mb-2 font-medium text-sm">{t("webhooks.events")}</legend>
            {EVENTS.map((event) => (
              <label key={event} htmlFor={`event-${event}`} className="flex items-start gap-3 text-sm">
                <Checkbox
                  id={`event-${event}`}
                  className="mt-0.5"
                  checked={field.value.includes(event)}
                  onCheckedChange={(on) =>
                    field.onChange(
                      EVENTS.filter((name) => (name === event ? on === true : field.value.includes(name))),
                    )
                  }
                />
                <span>
                  {codeText("webhooks.event", event, event)}
                  <code className="block text-muted text-xs">{event}</code>
                </span>
              </label>
            ))}
            {errors.events?.message && <p className="text-danger text-xs">{errors.events.message}</p>}
          </fieldset>
        )}
      />
      <FormError>{error != null && !placed ? problemText(error) : null}</FormError>
    </FormSheet>
  );
}
