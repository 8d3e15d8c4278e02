import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { depositImportOptions, useCancelDeposits, useChooseDeposits } from "./api";
import { DepositMappingStep } from "./deposit-mapping";
import { DepositReportStep, DepositResultStep } from "./deposit-report";
import { ImportFrame, mappingKey, Working } from "./import-page";
import { FailedPanel, GonePanel } from "./outcome";
import type { DepositImportSearch } from "./search";
import type { Step } from "./stepper";
import type { DepositImport } from "./types";

/** Steps 2 to 4 of an import of deposits. The server's state decides what is on screen. */
export function DepositImportPage({ id, search }: { id: string; search: DepositImportSearch }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const query = useQuery(depositImportOptions(id));
  const cancel = useCancelDeposits(id);
  return (
    <ImportFrame
      query={query}
      cancel={cancel}
      back={() => ({ to: "/omset/import", label: t("imports.deposits.title") })}
      onReport={search.step === "report"}
      onCancelled={() =>
        void navigate({ to: "/omset/import/$id", params: { id }, search: {}, replace: true })
      }
    >
      {(item, step) => <Body item={item} step={step} search={search} />}
    </ImportFrame>
  );
}

function Body({ item, step, search }: { item: DepositImport; step: Step; search: DepositImportSearch }) {
  const { t } = useTranslation();
  const choose = useChooseDeposits(item.id);
  switch (item.state) {
    case "done":
      return <DepositResultStep item={item} another={<Another />} />;
    case "undone":
    case "cancelled":
      return <GonePanel item={item} another={<Another />} />;
    case "failed":
      return (
        <FailedPanel
          item={item}
          isReadable={item.duplicates === null}
          choose={choose}
          another={<Another />}
        />
      );
    case "importing":
      return <Working item={item} hint={t("imports.deposits.booking_hint")} />;
    case "analysing":
      return item.columns.length > 0 && step === "mapping" ? (
        <DepositMappingStep key={mappingKey(item)} item={item} />
      ) : (
        <Working item={item} />
      );
    case "ready":
      return step === "report" ? (
        <DepositReportStep item={item} search={search} />
      ) : (
        <DepositMappingStep key={mappingKey(item)} item={item} />
      );
  }
}

function Another() {
  const { t } = useTranslation();
  return (
    <Button asChild>
      <Link to="/omset/import">
        <Upload aria-hidden />
        {t("imports.another")}
      </Link>
    </Button>
  );
}
