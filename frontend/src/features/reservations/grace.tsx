import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrorsOf } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { ErrorState, toast, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Card, Skeleton } from "@/components/ui/surface";
import { type Product, productChoicesOptions } from "@/features/products";
import { cleanupConfigOptions, useSaveCleanupConfig } from "./api";
import { CleanupPreviewCard } from "./cleanup-preview";
import type { CleanupConfig } from "./types";

const DAYS_MAX = 3650;

/** The days of grace without a deposit, and what the next run would do with them (spec 3.3). */
export function Grace() {
  const config = useQuery(cleanupConfigOptions);
  const products = useQuery(productChoicesOptions);
  const failed = config.error ?? products.error;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Card className="p-4">
        {config.data && products.data ? (
          <GraceForm key={config.data.updated_at ?? ""} config={config.data} products={products.data} />
        ) : failed ? (
          <ErrorState
            error={failed}
            onRetry={() => {
              void config.refetch();
              void products.refetch();
            }}
          />
        ) : (
          <div aria-busy className="grid gap-3">
            <Skeleton className="h-5 w-64" />
            <Skeleton className="h-8 w-40" />
          </div>
        )}
      </Card>
      <CleanupPreviewCard />
    </div>
  );
}

const isWhole = (text: string, min: number) =>
  /^\d+$/.test(text.trim()) && Number(text) >= min && Number(text) <= DAYS_MAX;

function GraceForm({ config, products }: { config: CleanupConfig; products: readonly Product[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const save = useSaveCleanupConfig();
  const [grace, setGrace] = useState(String(config.global_grace_days));
  const [warning, setWarning] = useState(String(config.warning_days));
  const [overrides, setOverrides] = useState<Record<string, string>>(() =>
    Object.fromEntries(Object.entries(config.product_overrides).map(([id, days]) => [id, String(days)])),
  );
  const [checked, setChecked] = useState(false);

  const refused = fieldErrorsOf(save.error);
  const graceInvalid = !isWhole(grace, 2);
  const warningInvalid = !isWhole(warning, 1) || (!graceInvalid && Number(warning) >= Number(grace));
  const wrongOverride = (text: string) => text.trim() !== "" && !isWhole(text, 1);
  const errors = {
    global_grace_days:
      checked && graceInvalid
        ? t("reservations.grace.days_invalid", { min: 2, max: format.number(DAYS_MAX) })
        : refused.global_grace_days,
    warning_days: checked && warningInvalid ? t("reservations.grace.warning_invalid") : refused.warning_days,
  };
  const placed = Boolean(errors.global_grace_days || errors.warning_days);

  function submit() {
    setChecked(true);
    if (graceInvalid || warningInvalid || Object.values(overrides).some(wrongOverride)) return;
    // What is set for products that are no longer offered stays as it is.
    const kept = Object.entries(overrides).filter(([, text]) => text.trim() !== "");
    save.mutate(
      {
        global_grace_days: Number(grace),
        warning_days: Number(warning),
        product_overrides: Object.fromEntries(kept.map(([id, text]) => [id, Number(text)])),
      },
      { onSuccess: () => toast.success(t("common.saved")) },
    );
  }

  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div>
        <h2 className="font-semibold text-base">{t("reservations.grace.title")}</h2>
        <p className="text-muted text-sm">{t("reservations.grace.description")}</p>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label={t("reservations.grace.days")}
          hint={t("reservations.grace.days_hint")}
          error={errors.global_grace_days}
        >
          <Input
            inputMode="numeric"
            className="tabular"
            value={grace}
            onChange={(event) => setGrace(event.target.value)}
          />
        </Field>
        <Field
          label={t("reservations.grace.warning")}
          hint={t("reservations.grace.warning_hint")}
          error={errors.warning_days}
        >
          <Input
            inputMode="numeric"
            className="tabular"
            value={warning}
            onChange={(event) => setWarning(event.target.value)}
          />
        </Field>
      </div>
      {products.length > 0 && (
        <fieldset className="grid gap-3">
          <legend className="pb-1 font-medium text-sm">{t("reservations.grace.by_product")}</legend>
          <p className="text-muted text-xs">{t("reservations.grace.by_product_hint")}</p>
          <div className="grid gap-3 sm:grid-cols-2">
            {products.map(({ id, name }) => (
              <Field
                key={id}
                label={name}
                error={
                  checked && wrongOverride(overrides[id] ?? "")
                    ? t("reservations.grace.days_invalid", { min: 1, max: format.number(DAYS_MAX) })
                    : undefined
                }
              >
                <Input
                  inputMode="numeric"
                  className="tabular"
                  placeholder={grace}
                  value={overrides[id] ?? ""}
                  onChange={(event) => setOverrides((before) => ({ ...before, [id]: event.target.value }))}
                />
              </Field>
            ))}
          </div>
          {refused.product_overrides && <p className="text-danger text-xs">{refused.product_overrides}</p>}
        </fieldset>
      )}
      <FormError>
        {save.error && !placed && !refused.product_overrides ? problemText(save.error) : null}
      </FormError>
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" busy={save.isPending}>
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
