import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { setServerErrors } from "@/api/form-errors";
import { type Language, useMe } from "@/api/session";
import { toast, useProblemText } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { Input, NativeSelect } from "@/components/ui/input";
import { Card } from "@/components/ui/surface";
import { MuteSettings } from "@/features/notifications";
import { OwnTokens } from "@/features/tokens";
import type { Theme } from "@/lib/theme";
import { z } from "@/lib/zod";
import { useChangePassword, useUpdateProfile } from "./api";
import { OwnSessions } from "./own-sessions";
import { usePasswordRule } from "./password";

export function ProfilePage() {
  const { t } = useTranslation();
  const me = useMe();
  const update = useUpdateProfile();
  return (
    <>
      <PageHeader title={t("profile.title")} description={`${me.email} · ${t(`roles.${me.role}`)}`} />
      <div className="grid max-w-xl gap-4">
        <Card className="p-5">
          <NameForm key={me.name} />
        </Card>
        <Card className="grid gap-4 p-5 sm:grid-cols-2">
          <Field label={t("shell.language")}>
            <NativeSelect
              value={me.language}
              onChange={(event) => update.mutate({ language: event.target.value as Language })}
            >
              <option value="id">Bahasa Indonesia</option>
              <option value="en">English</option>
            </NativeSelect>
          </Field>
          <Field label={t("shell.theme")}>
            <NativeSelect
              value={me.theme}
              onChange={(event) => update.mutate({ theme: event.target.value as Theme })}
            >
              <option value="system">{t("shell.theme_system")}</option>
              <option value="light">{t("shell.theme_light")}</option>
              <option value="dark">{t("shell.theme_dark")}</option>
            </NativeSelect>
          </Field>
        </Card>
        <MuteSettings />
        <Card className="p-5">
          <PasswordForm />
        </Card>
        <OwnSessions />
        <OwnTokens />
      </div>
    </>
  );
}

function NameForm() {
  const { t } = useTranslation();
  const me = useMe();
  const update = useUpdateProfile();
  const schema = useMemo(
    () => z.object({ name: z.string().trim().min(1, t("auth.name_missing")).max(120) }),
    [t],
  );
  const form = useForm({ resolver: zodResolver(schema), defaultValues: { name: me.name } });
  return (
    <form
      noValidate
      className="flex items-start gap-2"
      onSubmit={form.handleSubmit((values) =>
        update.mutate(values, { onSuccess: () => toast.success(t("common.saved")) }),
      )}
    >
      <Field label={t("auth.name")} error={form.formState.errors.name?.message} className="flex-1">
        <Input autoComplete="name" {...form.register("name")} />
      </Field>
      <Button
        type="submit"
        className="mt-[1.75rem]"
        busy={update.isPending}
        disabled={!form.formState.isDirty}
      >
        {t("common.save")}
      </Button>
    </form>
  );
}

function PasswordForm() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const change = useChangePassword();
  const rule = usePasswordRule();
  const schema = useMemo(
    () =>
      z
        .object({
          current_password: z.string().min(1, t("auth.password_missing")),
          new_password: z.string().min(rule.min, rule.short),
          repeated: z.string(),
        })
        .refine((values) => values.new_password === values.repeated, {
          path: ["repeated"],
          message: t("profile.not_the_same"),
        }),
    [t, rule.min, rule.short],
  );
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { current_password: "", new_password: "", repeated: "" },
  });
  const { errors } = form.formState;
  const placed = change.isError && Object.values(errors).some((error) => error?.type === "server");
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={form.handleSubmit(({ current_password, new_password }) =>
        change.mutate(
          { current_password, new_password },
          {
            onSuccess: () => {
              form.reset();
              toast.success(t("profile.password_changed"));
            },
            onError: (error) => setServerErrors(error, form.setError, ["current_password", "new_password"]),
          },
        ),
      )}
    >
      <div>
        <h2 className="font-semibold">{t("profile.change_password")}</h2>
        <p className="text-muted text-sm">{t("profile.change_password_hint")}</p>
      </div>
      <Field label={t("profile.current_password")} error={errors.current_password?.message}>
        <Input type="password" autoComplete="current-password" {...form.register("current_password")} />
      </Field>
      <Field label={t("profile.new_password")} hint={rule.hint} error={errors.new_password?.message}>
        <Input type="password" autoComplete="new-password" {...form.register("new_password")} />
      </Field>
      <Field label={t("profile.repeat_password")} error={errors.repeated?.message}>
        <Input type="password" autoComplete="new-password" {...form.register("repeated")} />
      </Field>
      <FormError>{change.isError && !placed && problemText(change.error)}</FormError>
      <div className="flex justify-end">
        <Button type="submit" variant="primary" busy={change.isPending}>
          {t("profile.change_password")}
        </Button>
      </div>
    </form>
  );
}
