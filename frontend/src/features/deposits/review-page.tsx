import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ClipboardCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { PageHeader } from "@/components/layout";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { type TableSearch, useTableSearch } from "@/lib/table-search";
import { pendingOptions } from "./api";
import { DepositsTable } from "./deposits-table";
import { DuplicatesTab } from "./duplicates-tab";
import type { ReviewSearch } from "./search";
import { TrashTab } from "./trash-tab";

const TABS = ["pending", "duplicates", "trash"] as const;

type Tab = (typeof TABS)[number];

/** What needs an admin's eye: deposits that wait, customers of several staff, and the trash (spec 6.1). */
export function ReviewPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const search = useTableSearch<ReviewSearch>();
  const tab: Tab = search.values.tab ?? "pending";
  const waiting = useQuery(pendingOptions({})).data?.total;
  return (
    <>
      <PageHeader
        title={t("deposits.review.title")}
        description={t("deposits.review.description")}
        back={{ to: "/omset", label: t("nav.omset") }}
      />
      <Tabs
        value={tab}
        onValueChange={(next) =>
          void navigate({
            to: "/omset/review",
            search: { tab: next === "pending" ? undefined : (next as Exclude<Tab, "pending">) },
          })
        }
      >
        <TabsList className="mb-4" aria-label={t("deposits.review.title")}>
          {TABS.map((name) => (
            <TabsTrigger key={name} value={name}>
              {t(`deposits.review.${name}`)}
              {name === "pending" && waiting != null && (
                <>
                  {" "}
                  <span className="tabular ml-0.5 font-normal text-muted">{format.number(waiting)}</span>
                </>
              )}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value={tab} key={tab}>
          {tab === "pending" && <PendingTab search={search as TableSearch} />}
          {tab === "duplicates" && <DuplicatesTab search={search} />}
          {tab === "trash" && <TrashTab search={search as TableSearch} />}
        </TabsContent>
      </Tabs>
    </>
  );
}

function PendingTab({ search }: { search: TableSearch }) {
  const { t } = useTranslation();
  const query = useQuery(pendingOptions(search.values));
  return (
    <DepositsTable
      id="deposits-pending"
      label={t("deposits.review.pending")}
      query={query}
      search={search}
      more="conflict"
      bulk={["approve", "decline"]}
      empty={{
        icon: ClipboardCheck,
        title: t("deposits.empty.pending"),
        description: t("deposits.empty.pending_hint"),
      }}
    />
  );
}
