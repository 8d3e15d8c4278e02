import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrorsOf } from "@/api/problem";
import { FileDrop } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/field";
import { Card } from "@/components/ui/surface";
import { useTableSearch } from "@/lib/table-search";
import { useUploadDeposits } from "./api";
import { useImportErrorText } from "./import-error";
import { ACCEPT, isAbort, UploadBar } from "./new-import-page";
import { RecentDepositImports } from "./recent-imports";
import { Stepper } from "./stepper";

/** Step 1 of an import of deposits: the file; and the imports before it. */
export function NewDepositImportPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useTableSearch();
  const errorText = useImportErrorText();
  const [file, setFile] = useState<File | null>(null);
  const [sent, setSent] = useState(0);
  const [isMissing, setMissing] = useState(false);
  const upload = useUploadDeposits(setSent);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const refused = fieldErrorsOf(upload.error).file && errorText.ofProblem(upload.error);
  const fileError = isMissing ? t("imports.file_missing") : refused;

  function submit() {
    setMissing(!file);
    if (!file) return;
    abort.current = new AbortController();
    setSent(0);
    upload.mutate(
      { file, fields: {}, signal: abort.current.signal },
      { onSuccess: (item) => void navigate({ to: "/omset/import/$id", params: { id: item.id } }) },
    );
  }

  return (
    <>
      <PageHeader
        back={{ to: "/omset", label: t("nav.omset") }}
        title={t("imports.deposits.title")}
        description={t("imports.deposits.description")}
      />
      <Stepper current="file" />
      <Card className="max-w-2xl p-4 sm:p-5">
        <form
          noValidate
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <FileDrop
            file={file}
            onFile={(next) => {
              setFile(next);
              setMissing(false);
              upload.reset();
            }}
            accept={ACCEPT}
            label={t("imports.drop")}
            hint={t("imports.deposits.drop_hint")}
            error={fileError}
            disabled={upload.isPending}
          />
          <FormError>
            {upload.error && !refused && !isAbort(upload.error) ? errorText.ofProblem(upload.error) : null}
          </FormError>
          {upload.isPending && <UploadBar share={sent} />}
          <div className="flex flex-wrap justify-end gap-2">
            {upload.isPending ? (
              <Button onClick={() => abort.current?.abort()}>{t("imports.stop_upload")}</Button>
            ) : (
              <Button asChild>
                <Link to="/omset">{t("common.cancel")}</Link>
              </Button>
            )}
            <Button type="submit" variant="primary" busy={upload.isPending}>
              {t("imports.upload")}
              <ArrowRight aria-hidden />
            </Button>
          </div>
        </form>
      </Card>
      <section className="pt-6">
        <h2 className="pb-2 font-medium text-sm">{t("imports.recent")}</h2>
        <RecentDepositImports search={search} />
      </section>
    </>
  );
}
