import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { PartyPopper } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { DataTable, FilterSelect, RowMenu } from "@/components/data-table";
import { StatTile } from "@/components/feedback";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useTableSearch } from "@/lib/table-search";
import { followUpChoicesOptions, followUpsOptions } from "./api";
import { followUpColumns } from "./columns";
import { FollowUpCard } from "./follow-up-card";
import { KeyLegend } from "./key-legend";
import type { FollowUpsSearch } from "./search";
import { type FollowUp, STATES, URGENCIES } from "./types";
import { STATE_LOOK, URGENCY_LOOK } from "./urgency";
import { ACTS, KEYS, useFollowUpActs } from "./use-follow-up-acts";

const WAITING = "waiting";
const TABS = [WAITING, ...STATES] as const;

/** Who answered yes and has not deposited since: the oldest answer first, each with what to do next (spec 5.1). */
export function FollowUpsPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const search = useTableSearch<FollowUpsSearch>();
  const withStaff = useCan()("records.read_all");
  const query = useQuery(followUpsOptions(search.values));
  const summary = query.data?.summary;
  const { act, actsOf, dialog } = useFollowUpActs();
  const columns = useMemo(() => followUpColumns(t, { withStaff }), [t, withStaff]);
  const tab = search.values.tab ?? WAITING;
  const count = (name: (typeof TABS)[number]) => {
    if (!summary) return undefined;
    return name === WAITING ? URGENCIES.reduce((sum, urgency) => sum + summary[urgency], 0) : summary[name];
  };
  const open = (row: FollowUp) => void navigate({ to: "/customers/$key", params: { key: row.customer_key } });

  return (
    <>
      <PageHeader title={t("nav.follow_ups")} description={t("followups.description")} />
      <fieldset className="mb-4 grid grid-cols-2 gap-3 lg:grid-cols-4">
        <legend className="sr-only">{t("followups.urgency.title")}</legend>
        {URGENCIES.map((urgency) => {
          const isOn = tab === WAITING && search.values.urgency === urgency;
          return (
            <StatTile
              key={urgency}
              label={t(`followups.urgency.${urgency}`)}
              icon={URGENCY_LOOK[urgency].icon}
              value={summary && format.number(summary[urgency])}
              loading={!summary}
              pressed={isOn}
              onPress={() => search.set({ tab: undefined, urgency: isOn ? undefined : urgency })}
            />
          );
        })}
      </fieldset>
      <Tabs
        value={tab}
        onValueChange={(next) =>
          search.set({ tab: STATES.find((state) => state === next), urgency: undefined })
        }
      >
        <TabsList className="mb-4" aria-label={t("followups.show")}>
          {TABS.map((name) => {
            const found = count(name);
            return (
              <TabsTrigger key={name} value={name}>
                {t(`followups.state.${name}`)}
                {found !== undefined && (
                  <>
                    {" "}
                    <span className="tabular ml-0.5 font-normal text-muted">{format.number(found)}</span>
                  </>
                )}
              </TabsTrigger>
            );
          })}
        </TabsList>
        <TabsContent value={tab}>
          <DataTable
            id="follow-ups"
            label={t("nav.follow_ups")}
            columns={columns}
            query={query}
            search={search}
            getRowId={(row) => row.record_id}
            filters={<Filters />}
            empty={{
              icon: tab === WAITING ? PartyPopper : STATE_LOOK[tab].icon,
              title: t(`followups.empty.${tab}`),
              description: tab === WAITING ? t("followups.empty.hint") : undefined,
            }}
            onOpen={open}
            onRowKey={(event, row) => {
              if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return false;
              const wanted = ACTS.find((name) => KEYS[name] === event.key.toLowerCase());
              if (wanted) act(row, wanted);
              return wanted !== undefined;
            }}
            rowActions={(row) => <RowActions followUp={row} acts={actsOf(row)} act={act} />}
            card={(row) => (
              <FollowUpCard
                followUp={row}
                withStaff={withStaff}
                onDeposit={actsOf(row).includes("deposit") ? () => act(row, "deposit") : undefined}
              />
            )}
          />
        </TabsContent>
      </Tabs>
      <KeyLegend />
      {dialog}
    </>
  );
}

type Doing = ReturnType<typeof useFollowUpActs>;

function RowActions({
  followUp,
  acts,
  act,
}: {
  followUp: FollowUp;
  acts: ReturnType<Doing["actsOf"]>;
  act: Doing["act"];
}) {
  const { t } = useTranslation();
  return (
    <span className="flex justify-end gap-1">
      {acts.includes("deposit") && (
        <Button size="sm" className="max-sm:hidden" onClick={() => act(followUp, "deposit")}>
          {t("followups.do.deposit")}
        </Button>
      )}
      <RowMenu
        label={t("followups.actions_named", { customer: followUp.customer_id })}
        actions={acts
          .filter((name) => name !== "whatsapp")
          .map((name) => ({
            key: name,
            label: t(`followups.do.${name}`),
            onSelect: () => act(followUp, name),
          }))}
      />
    </span>
  );
}

function Filters() {
  const { t } = useTranslation();
  const search = useTableSearch<FollowUpsSearch>();
  const withStaff = useCan()("records.read_all");
  const choices = useQuery(followUpChoicesOptions).data;
  const named = (rows: readonly { id: string; name: string }[] = []) =>
    rows.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <FilterSelect
        label={t("followups.product")}
        value={search.values.product_id}
        onChange={(product_id) => search.set({ product_id })}
        all={t("followups.all_products")}
        options={named(choices?.products)}
      />
      <FilterSelect
        label={t("followups.database")}
        value={search.values.database_id}
        onChange={(database_id) => search.set({ database_id })}
        all={t("followups.all_databases")}
        options={named(choices?.databases)}
      />
      {withStaff && (
        <FilterSelect
          label={t("followups.staff")}
          value={search.values.staff_id}
          onChange={(staff_id) => search.set({ staff_id })}
          all={t("followups.all_staff")}
          options={named(choices?.staff)}
        />
      )}
    </>
  );
}
