import { zodResolver } from "@hookform/resolvers/zod";
import { useRouter } from "@tanstack/react-router";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { z } from "@/lib/zod";
import { useSignIn } from "./api";
import { Door } from "./door";

/** Only ever a path of this app: `next` comes from the address bar. */
export function safeNext(next: string | undefined): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/\\") ? next : "/";
}

export function SignInPage({ next }: { next?: string }) {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <Door title={t("auth.sign_in")} description={t("auth.sign_in_hint")}>
      <SignInForm onDone={() => router.history.push(safeNext(next))} />
    </Door>
  );
}

export function SignInForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const signIn = useSignIn();
  const schema = useMemo(
    () =>
      z.object({
        email: z.string().trim().min(1, t("auth.email_missing")),
        password: z.string().min(1, t("auth.password_missing")),
      }),
    [t],
  );
  const form = useForm({ resolver: zodResolver(schema), defaultValues: { email: "", password: "" } });
  const { errors } = form.formState;

  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={form.handleSubmit((values) => signIn.mutate(values, { onSuccess: onDone }))}
    >
      <Field label={t("auth.email")} error={errors.email?.message}>
        <Input type="email" autoComplete="username" autoFocus className="h-10" {...form.register("email")} />
      </Field>
      <Field label={t("auth.password")} error={errors.password?.message}>
        <Input
          type="password"
          autoComplete="current-password"
          className="h-10"
          {...form.register("password")}
        />
      </Field>
      <FormError>{signIn.isError && problemText(signIn.error)}</FormError>
      <Button type="submit" variant="primary" size="lg" busy={signIn.isPending}>
        {t("auth.sign_in")}
      </Button>
    </form>
  );
}
