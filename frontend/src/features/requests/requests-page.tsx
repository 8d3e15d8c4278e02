import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Inbox, Plus, Settings2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { FilterSelect } from "@/components/data-table";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { type TableSearch, useTableSearch } from "@/lib/table-search";
import { requestStatsOptions } from "./api";
import { RequestSheet } from "./request-sheet";
import { RequestTiles } from "./request-tiles";
import { RequestsTable } from "./requests-table";
import type { RequestsSearch } from "./search";
import { REQUEST_STATUSES, type RequestStatus } from "./types";

/** Requests of everybody for those who decide them, one's own for those who ask (spec 2.3, 6.1). */
export function RequestsPage({ databaseFilter }: { databaseFilter?: DatabaseFilter }) {
  const reviews = useCan()("requests.review");
  return reviews ? <Review databaseFilter={databaseFilter} /> : <Own />;
}

/** A choice of databases, given by whoever knows the pools. */
export type DatabaseFilter = (props: {
  value: string | undefined;
  onChange: (id: string | undefined) => void;
}) => ReactNode;

function Own() {
  const { t } = useTranslation();
  const search = useTableSearch<RequestsSearch>();
  const { tab = "all", panel } = search.values;
  const ask = (
    <Button variant="primary" onClick={() => search.setPanel("ask")}>
      <Plus aria-hidden />
      {t("requests.ask.open")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("requests.title")} description={t("requests.own_description")} actions={ask} />
      <StatusTabs value={tab} first="all">
        <RequestsTable
          search={search}
          filter={{ status: statusOf(tab) }}
          empty={{
            icon: Inbox,
            title: tab === "all" ? t("requests.own_empty") : t("requests.none_of_status"),
            description: tab === "all" ? t("requests.own_empty_hint") : undefined,
            action: tab === "all" ? ask : undefined,
          }}
        />
      </StatusTabs>
      <RequestSheet open={panel === "ask"} onClose={() => search.setPanel(undefined)} />
    </>
  );
}

function Review({ databaseFilter }: { databaseFilter?: DatabaseFilter }) {
  const { t } = useTranslation();
  const format = useFormat();
  const search = useTableSearch<RequestsSearch>();
  const stats = useQuery(requestStatsOptions);
  const { tab = "pending", staff_id, database_id } = search.values;
  return (
    <>
      <PageHeader
        title={t("requests.title")}
        description={t("requests.description")}
        actions={
          <Button asChild>
            <Link to="/admin/settings">
              <Settings2 aria-hidden />
              {t("requests.auto.title")}
            </Link>
          </Button>
        }
      />
      <RequestTiles stats={stats.data} />
      <StatusTabs
        value={tab}
        first="pending"
        count={(status) =>
          stats.data && format.number(status === "all" ? stats.data.total : stats.data[status])
        }
      >
        <RequestsTable
          search={search}
          filter={{ status: statusOf(tab), staff_id, database_id }}
          filters={<Filters search={search} databaseFilter={databaseFilter} />}
          empty={{
            icon: Inbox,
            title: tab === "pending" ? t("requests.nothing_waits") : t("requests.none_of_status"),
            description: tab === "pending" ? t("requests.nothing_waits_hint") : undefined,
          }}
        />
      </StatusTabs>
    </>
  );
}

const statusOf = (tab: RequestStatus | "all"): RequestStatus | undefined => (tab === "all" ? undefined : tab);

function StatusTabs({
  value,
  first,
  count,
  children,
}: {
  value: RequestStatus | "all";
  /** The tab that needs no name in the URL. */
  first: RequestStatus | "all";
  count?: (status: RequestStatus | "all") => string | undefined;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const tabs =
    first === "all" ? (["all", ...REQUEST_STATUSES] as const) : ([...REQUEST_STATUSES, "all"] as const);
  return (
    <Tabs
      value={value}
      onValueChange={(next) =>
        void navigate({
          to: "/requests",
          search: (before) => ({
            staff_id: before.staff_id,
            database_id: before.database_id,
            tab: next === first ? undefined : (next as RequestStatus | "all"),
          }),
        })
      }
    >
      <TabsList className="mb-4" aria-label={t("requests.state")}>
        {tabs.map((status) => (
          <TabsTrigger key={status} value={status}>
            {status === "all" ? t("requests.all") : t(`requests.status.${status}`)}
            {count && (
              <>
                {" "}
                <span className="tabular ml-0.5 font-normal text-muted">{count(status)}</span>
              </>
            )}
          </TabsTrigger>
        ))}
      </TabsList>
      <TabsContent value={value}>{children}</TabsContent>
    </Tabs>
  );
}

function Filters({
  search,
  databaseFilter: DatabaseFilter,
}: {
  search: TableSearch<RequestsSearch>;
  databaseFilter?: DatabaseFilter;
}) {
  const { t } = useTranslation();
  const staff = useQuery({ ...staffChoicesOptions, enabled: useCan()("staff.list") });
  const { staff_id, database_id } = search.values;
  return (
    <>
      <FilterSelect
        label={t("requests.staff")}
        value={staff_id}
        onChange={(value) => search.set({ staff_id: value })}
        all={t("requests.all_staff")}
        options={(staff.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      />
      {DatabaseFilter && (
        <DatabaseFilter value={database_id} onChange={(value) => search.set({ database_id: value })} />
      )}
    </>
  );
}
