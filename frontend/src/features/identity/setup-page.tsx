import { zodResolver } from "@hookform/resolvers/zod";
import { useRouter } from "@tanstack/react-router";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { setServerErrors } from "@/api/form-errors";
import { useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { z } from "@/lib/zod";
import { useSetUp } from "./api";
import { Door } from "./door";
import { usePasswordRule } from "./password";

/** First run: creates the first administrator, who is then signed in. */
export function SetupPage() {
  const { t } = useTranslation();
  const router = useRouter();
  const problemText = useProblemText();
  const setUp = useSetUp();
  const rule = usePasswordRule();
  const schema = useMemo(
    () =>
      z.object({
        name: z.string().trim().min(1, t("auth.name_missing")),
        email: z.email(t("auth.email_invalid")),
        password: z.string().min(rule.min, rule.short),
      }),
    [t, rule.min, rule.short],
  );
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { name: "", email: "", password: "" },
  });
  const { errors } = form.formState;
  const placed = setUp.isError && Object.values(errors).some((error) => error?.type === "server");

  return (
    <Door title={t("auth.setup")} description={t("auth.setup_hint")}>
      <form
        noValidate
        className="grid gap-4"
        onSubmit={form.handleSubmit((values) =>
          setUp.mutate(values, {
            onSuccess: () => router.history.push("/"),
            onError: (error) => setServerErrors(error, form.setError, ["name", "email", "password"]),
          }),
        )}
      >
        <Field label={t("auth.name")} error={errors.name?.message}>
          <Input autoComplete="name" autoFocus className="h-10" {...form.register("name")} />
        </Field>
        <Field label={t("auth.email")} error={errors.email?.message}>
          <Input type="email" autoComplete="username" className="h-10" {...form.register("email")} />
        </Field>
        <Field label={t("auth.password")} hint={rule.hint} error={errors.password?.message}>
          <Input
            type="password"
            autoComplete="new-password"
            className="h-10"
            {...form.register("password")}
          />
        </Field>
        <FormError>{setUp.isError && !placed && problemText(setUp.error)}</FormError>
        <Button type="submit" variant="primary" size="lg" busy={setUp.isPending}>
          {t("auth.setup_submit")}
        </Button>
      </form>
    </Door>
  );
}
