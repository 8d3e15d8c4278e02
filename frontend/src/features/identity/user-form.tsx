import { zodResolver } from "@hookform/resolvers/zod";
import { Dices } from "lucide-react";
import { useMemo } from "react";
import { Controller, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { setServerErrors } from "@/api/form-errors";
import { isProblem } from "@/api/problem";
import type { PageKey, Role } from "@/api/session";
import { useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Checkbox, Switch } from "@/components/ui/checkbox";
import { Field, FormError } from "@/components/ui/field";
import { Input, NativeSelect } from "@/components/ui/input";
import { z } from "@/lib/zod";
import type { User } from "./api";
import { suggestPassword, usePasswordRule } from "./password";
import { blockablePages } from "./rank";

export type UserFormValues = {
  name: string;
  email: string;
  role: Role;
  password: string;
  capacity: string;
  is_active: boolean;
  blocked_pages: PageKey[];
};

const FIELDS = ["name", "email", "role", "password", "capacity", "is_active", "blocked_pages"] as const;

const PAGE_LABELS = {
  today: "nav.today",
  inbox: "nav.inbox",
  customers: "users.page_customers",
  "follow-ups": "nav.follow_ups",
  databases: "nav.databases",
  "member-wd": "nav.member_wd",
  bonanza: "nav.bonanza",
  requests: "nav.requests",
  validation: "nav.validation",
  reserved: "nav.reserved",
  health: "nav.health",
  omset: "nav.omset",
  team: "nav.team",
  leaderboard: "nav.leaderboard",
  reports: "nav.reports",
  exports: "exports.title",
  analytics: "nav.analytics",
  settings: "nav.settings",
  audit: "nav.audit",
  users: "nav.users",
  retention: "nav.retention",
  products: "nav.products",
} as const satisfies Record<PageKey, string>;

/** Creates a user, or changes one when `user` is given. The buttons belong to the sheet, so they refer to `formId`. */
export function UserForm({
  formId,
  user,
  roles,
  onSubmit,
  error,
}: {
  formId: string;
  user?: User;
  roles: Role[];
  onSubmit: (values: UserFormValues, failed: (error: unknown) => void) => void;
  error: unknown;
}) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const isNew = user === undefined;
  const rule = usePasswordRule();
  const schema = useMemo(() => {
    const password = z.string().refine((value) => (value === "" ? !isNew : value.length >= rule.min), {
      message: rule.short,
    });
    return z.object({
      name: z.string().trim().min(1, t("auth.name_missing")).max(120),
      email: isNew ? z.email(t("auth.email_invalid")) : z.string(),
      role: z.enum(["staff", "admin", "master_admin"]),
      password,
      capacity: z
        .string()
        .trim()
        .regex(/^\d{0,7}$/, t("users.capacity_invalid"))
        .refine((value) => value === "" || Number(value) <= 1_000_000, t("users.capacity_invalid")),
      is_active: z.boolean(),
      blocked_pages: z.array(z.enum(Object.keys(PAGE_LABELS) as PageKey[])),
    });
  }, [t, isNew, rule.min, rule.short]);
  const form = useForm<UserFormValues>({
    resolver: zodResolver(schema),
    defaultValues: {
      name: user?.name ?? "",
      email: user?.email ?? "",
      role: user?.role ?? "staff",
      password: "",
      capacity: user?.capacity == null ? "" : String(user.capacity),
      is_active: user?.is_active ?? true,
      blocked_pages: (user?.blocked_pages ?? []) as PageKey[],
    },
  });
  const { errors } = form.formState;
  const role = form.watch("role");
  const placed = Object.values(errors).some((entry) => entry && "type" in entry && entry.type === "server");

  function failed(problem: unknown) {
    if (isProblem(problem) && problem.code === "email_taken") {
      form.setError("email", { type: "server", message: problemText(problem) });
    } else setServerErrors(problem, form.setError, FIELDS);
  }

  return (
    <form
      id={formId}
      noValidate
      className="grid gap-4"
      onSubmit={form.handleSubmit((values) => onSubmit(values, failed))}
    >
      <Field label={t("users.name")} error={errors.name?.message}>
        <Input autoComplete="off" {...form.register("name")} />
      </Field>
      <Field label={t("users.email")} error={errors.email?.message}>
        <Input type="email" autoComplete="off" disabled={!isNew} {...form.register("email")} />
      </Field>
      <Field label={t("users.role")} hint={t(`users.role_hint_${role}`)} error={errors.role?.message}>
        <NativeSelect {...form.register("role")}>
          {roles.map((entry) => (
            <option key={entry} value={entry}>
              {t(`roles.${entry}`)}
            </option>
          ))}
        </NativeSelect>
      </Field>
      <div className="flex items-start gap-2">
        <Field
          className="flex-1"
          label={isNew ? t("users.password") : t("users.new_password")}
          optional={isNew ? undefined : t("common.optional")}
          hint={isNew ? t("users.password_hint") : t("users.new_password_hint")}
          error={errors.password?.message}
        >
          <Input autoComplete="new-password" spellCheck={false} {...form.register("password")} />
        </Field>
        <Button
          className="mt-[1.75rem]"
          onClick={() =>
            form.setValue("password", suggestPassword(), { shouldDirty: true, shouldValidate: true })
          }
        >
          <Dices aria-hidden />
          {t("users.suggest")}
        </Button>
      </div>
      {role === "staff" && (
        <Field
          label={t("users.capacity")}
          optional={t("common.optional")}
          hint={t("users.capacity_hint")}
          error={errors.capacity?.message}
        >
          <Input inputMode="numeric" className="tabular" {...form.register("capacity")} />
        </Field>
      )}
      <fieldset className="grid gap-2">
        <legend className="pb-1 font-medium text-sm">{t("users.blocked_pages")}</legend>
        <p className="text-muted text-xs">{t("users.blocked_pages_hint")}</p>
        <Controller
          control={form.control}
          name="blocked_pages"
          render={({ field }) => (
            <div className="grid grid-cols-2 gap-2">
              {blockablePages(role).map((page) => {
                const id = `${formId}-${page}`;
                return (
                  <div key={page} className="flex items-center gap-2 text-sm">
                    <Checkbox
                      id={id}
                      checked={field.value.includes(page)}
                      onCheckedChange={(checked) =>
                        field.onChange(
                          checked === true
                            ? [...field.value, page]
                            : field.value.filter((entry) => entry !== page),
                        )
                      }
                    />
                    <label htmlFor={id}>{t(PAGE_LABELS[page])}</label>
                  </div>
                );
              })}
            </div>
          )}
        />
      </fieldset>
      {!isNew && (
        <Controller
          control={form.control}
          name="is_active"
          render={({ field }) => (
            <div className="flex items-start justify-between gap-3 rounded-md border border-border p-3">
              <div>
                <label htmlFor={`${formId}-active`} className="font-medium text-sm">
                  {t("users.active")}
                </label>
                <p className="text-muted text-xs">{t("users.active_hint")}</p>
              </div>
              <Switch id={`${formId}-active`} checked={field.value} onCheckedChange={field.onChange} />
            </div>
          )}
        />
      )}
      <FormError>{error != null && !placed && problemText(error)}</FormError>
    </form>
  );
}
