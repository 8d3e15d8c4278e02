import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Settings2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useTableSearch } from "@/lib/table-search";
import { summaryOptions } from "./api";
import { Archive } from "./archive";
import { groupOf, type ValidationSearch } from "./search";
import { StaffList } from "./staff-list";
import { StaffRecords } from "./staff-records";

/** What staff have rejected: by staff and reason, with what can be done about it, and what became of the rest (spec 2.5). */
export function ValidationPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const search = useTableSearch<ValidationSearch>();
  const { total } = useQuery(summaryOptions()).data ?? {};
  const group = groupOf(search.values.group);
  if (group) return <StaffRecords key={search.values.group} group={group} />;
  const tab = search.values.tab ?? "waiting";
  return (
    <>
      <PageHeader
        title={t("validation.title")}
        description={t("validation.description")}
        actions={
          <Button asChild>
            <Link to="/admin/settings">
              <Settings2 aria-hidden />
              {t("validation.rules.open")}
            </Link>
          </Button>
        }
      />
      <Tabs
        value={tab}
        onValueChange={(next) =>
          void navigate({ to: "/validation", search: next === "archive" ? { tab: next } : {} })
        }
      >
        <TabsList className="mb-4" aria-label={t("validation.title")}>
          <TabsTrigger value="waiting">
            {t("validation.tabs.waiting")}
            {total !== undefined && (
              <>
                {" "}
                <span className="tabular ml-0.5 font-normal text-muted">{format.number(total)}</span>
              </>
            )}
          </TabsTrigger>
          <TabsTrigger value="archive">{t("validation.tabs.archive")}</TabsTrigger>
        </TabsList>
        <TabsContent value="waiting">
          <StaffList />
        </TabsContent>
        <TabsContent value="archive">
          <Archive />
        </TabsContent>
      </Tabs>
    </>
  );
}
