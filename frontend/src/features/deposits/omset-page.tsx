import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ClipboardCheck, Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useTableSearch } from "@/lib/table-search";
import { pendingOptions } from "./api";
import { DayEntry } from "./day-entry";
import { Ledger } from "./ledger";
import type { DepositsSearch } from "./search";
import { SummaryTab } from "./summary-tab";

const TABS = ["day", "ledger", "summary"] as const;

type Tab = (typeof TABS)[number];

/** Deposits: one day's entry, the whole ledger, and its figures; of everybody for admins, one's own for the others. */
export function OmsetPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const manages = useCan()("deposits.manage");
  const search = useTableSearch<DepositsSearch>();
  const { tab = "day", product_id, staff_id } = search.values;
  return (
    <>
      <PageHeader
        title={t("nav.omset")}
        description={t(manages ? "deposits.description" : "deposits.own_description")}
        actions={
          manages && (
            <>
              <Button asChild>
                <Link to="/omset/import">
                  <Upload aria-hidden />
                  {t("imports.deposits.open")}
                </Link>
              </Button>
              <ReviewLink />
            </>
          )
        }
      />
      <Tabs
        value={tab}
        onValueChange={(next) =>
          void navigate({
            to: "/omset",
            search: { product_id, staff_id, tab: next === "day" ? undefined : (next as Exclude<Tab, "day">) },
          })
        }
      >
        <TabsList className="mb-4" aria-label={t("nav.omset")}>
          {TABS.map((name) => (
            <TabsTrigger key={name} value={name}>
              {t(`deposits.tabs.${name}`)}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value={tab} key={tab}>
          {tab === "day" && <DayEntry search={search} />}
          {tab === "ledger" && <Ledger search={search} />}
          {tab === "summary" && <SummaryTab search={search} />}
        </TabsContent>
      </Tabs>
    </>
  );
}

function ReviewLink() {
  const { t } = useTranslation();
  const format = useFormat();
  const waiting = useQuery(pendingOptions({})).data?.total;
  return (
    <Button asChild>
      <Link to="/omset/review">
        <ClipboardCheck aria-hidden />
        {t("deposits.review.title")}
        {waiting ? <span className="tabular text-muted">{format.number(waiting)}</span> : null}
      </Link>
    </Button>
  );
}
