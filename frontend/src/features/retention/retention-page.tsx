import { useTranslation } from "react-i18next";
import { useCan } from "@/api/session";
import { FilterBar } from "@/components/data-table";
import { PageHeader } from "@/components/layout";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useTableSearch } from "@/lib/table-search";
import { AtRisk } from "./at-risk";
import { RetentionFilters } from "./filters";
import { CustomersTable, LostTable } from "./lists";
import { Overview } from "./overview";
import { LISTS, type RetentionList, type RetentionSearch } from "./search";

const FIGURES = "figures";

/** /retention: who stays, who slips away and who is gone; staff see the customers of their own deposits. */
export function RetentionPage() {
  const { t } = useTranslation();
  const manages = useCan()("retention.team");
  const search = useTableSearch<RetentionSearch>();
  const { tab } = search.values;
  return (
    <>
      <PageHeader
        title={t("nav.retention")}
        description={t(manages ? "retention.hint" : "retention.own_hint")}
      />
      <Tabs
        value={tab ?? FIGURES}
        onValueChange={(value) =>
          search.set({
            tab: value === FIGURES ? undefined : (value as RetentionList),
            risk: undefined,
            kind: undefined,
            q: undefined,
            by: undefined,
          })
        }
      >
        <TabsList className="mb-3">
          <TabsTrigger value={FIGURES}>{t("retention.tabs.figures")}</TabsTrigger>
          {LISTS.map((list) => (
            <TabsTrigger key={list} value={list}>
              {t(`retention.tabs.${list}`)}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value={FIGURES}>
          <FilterBar>
            <RetentionFilters search={search} withDays />
          </FilterBar>
          <Overview search={search} />
        </TabsContent>
        <TabsContent value="at_risk">
          <AtRisk search={search} />
        </TabsContent>
        <TabsContent value="lost">
          <LostTable search={search} />
        </TabsContent>
        {(["loyal", "customers"] as const).map((list) => (
          <TabsContent key={list} value={list}>
            <CustomersTable list={list} search={search} />
          </TabsContent>
        ))}
      </Tabs>
    </>
  );
}
