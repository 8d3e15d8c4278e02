import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrorsOf } from "@/api/problem";
import { mayOpen, useCan, useMe } from "@/api/session";
import { ErrorState, FileDrop } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { NativeSelect } from "@/components/ui/input";
import { Card } from "@/components/ui/surface";
import { MODULES, type Module, POOLS } from "@/features/pools";
import { productChoicesOptions } from "@/features/products";
import { useUpload } from "./api";
import { useImportErrorText } from "./import-error";
import type { NewImportSearch } from "./search";
import { Stepper } from "./stepper";

export const ACCEPT = ".csv,.tsv,.txt,.xlsx,.xls,.ods";

/** Step 1 of the wizard: which desk, which product, which file. */
export function NewImportPage({ search }: { search: NewImportSearch }) {
  const { t } = useTranslation();
  const me = useMe();
  const can = useCan();
  const navigate = useNavigate();
  const errorText = useImportErrorText();
  const products = useQuery(productChoicesOptions);
  const open = MODULES.filter((name) => mayOpen(me, POOLS[name].page));
  const [module, setModule] = useState<Module>(search.module ?? open[0] ?? "normal");
  const [productId, setProductId] = useState(search.product_id ?? "");
  const [file, setFile] = useState<File | null>(null);
  const [sent, setSent] = useState(0);
  const [missing, setMissing] = useState<{ file?: string; product_id?: string }>({});
  const upload = useUpload(setSent);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const pool = POOLS[module];
  const refused = fieldErrorsOf(upload.error);
  const fileError = missing.file ?? (refused.file && errorText.ofProblem(upload.error));
  const productError = missing.product_id ?? refused.product_id;
  // With one product there is nothing to choose.
  const only = products.data?.length === 1 ? products.data[0]?.id : undefined;
  const chosenProduct = productId || only || "";

  function submit() {
    const found = {
      file: file ? undefined : t("imports.file_missing"),
      product_id: chosenProduct ? undefined : t("imports.product_missing"),
    };
    setMissing(found);
    if (!file || !chosenProduct) return;
    abort.current = new AbortController();
    setSent(0);
    upload.mutate(
      { file, fields: { module, product_id: chosenProduct }, signal: abort.current.signal },
      { onSuccess: (item) => void navigate({ to: "/imports/$id", params: { id: item.id }, replace: true }) },
    );
  }

  function changed() {
    setMissing({});
    upload.reset();
  }

  return (
    <>
      <PageHeader
        back={{ to: pool.path, label: t(pool.title) }}
        title={t("imports.title")}
        description={t("imports.description")}
      />
      <Stepper current="file" />
      {products.isError && products.data === undefined ? (
        <ErrorState error={products.error} onRetry={() => products.refetch()} />
      ) : (
        <Card className="max-w-2xl p-4 sm:p-5">
          <form
            noValidate
            className="grid gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              submit();
            }}
          >
            <div className="grid items-start gap-4 sm:grid-cols-2">
              <Field label={t("imports.module")} error={refused.module}>
                <NativeSelect value={module} onChange={(event) => setModule(event.target.value as Module)}>
                  {open.map((name) => (
                    <option key={name} value={name}>
                      {t(POOLS[name].title)}
                    </option>
                  ))}
                </NativeSelect>
              </Field>
              <Field
                label={t("imports.product")}
                error={productError}
                hint={products.data?.length === 0 ? t("imports.no_products") : undefined}
              >
                <NativeSelect
                  value={chosenProduct}
                  disabled={products.isPending}
                  onChange={(event) => {
                    setProductId(event.target.value);
                    changed();
                  }}
                >
                  <option value="">{t("imports.choose_product")}</option>
                  {(products.data ?? []).map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </NativeSelect>
              </Field>
            </div>
            <FileDrop
              file={file}
              onFile={(next) => {
                setFile(next);
                changed();
              }}
              accept={ACCEPT}
              label={t("imports.drop")}
              hint={t("imports.drop_hint")}
              error={fileError}
              disabled={upload.isPending}
            />
            {file && fileError && (
              <FormError>
                <strong className="font-medium">{t("imports.file_refused")}</strong> {fileError}
              </FormError>
            )}
            <FormError>
              {upload.error && !fileError && !productError && !isAbort(upload.error)
                ? errorText.ofProblem(upload.error)
                : null}
            </FormError>
            {upload.isPending && <UploadBar share={sent} />}
            <div className="flex flex-wrap justify-end gap-2">
              {products.data?.length === 0 && can("products.manage") && (
                <Button asChild className="mr-auto">
                  <Link to="/admin/products">{t("imports.to_products")}</Link>
                </Button>
              )}
              {upload.isPending ? (
                <Button onClick={() => abort.current?.abort()}>{t("imports.stop_upload")}</Button>
              ) : (
                <Button asChild>
                  <Link to={pool.path}>{t("common.cancel")}</Link>
                </Button>
              )}
              <Button type="submit" variant="primary" busy={upload.isPending}>
                {t("imports.upload")}
                <ArrowRight aria-hidden />
              </Button>
            </div>
          </form>
        </Card>
      )}
    </>
  );
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export function UploadBar({ share }: { share: number }) {
  const { t } = useTranslation();
  const percent = Math.round(share * 100);
  return (
    <div className="grid gap-1">
      <div className="flex justify-between text-sm">
        <span>{percent < 100 ? t("imports.uploading") : t("imports.checking")}</span>
        <span className="tabular text-muted">{percent}%</span>
      </div>
      <div
        role="progressbar"
        aria-label={t("imports.uploading")}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        className="h-2 overflow-hidden rounded-full bg-surface-2"
      >
        <div className="h-full bg-accent transition-[width]" style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
