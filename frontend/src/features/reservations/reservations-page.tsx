import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ClipboardList, Plus, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useTableSearch } from "@/lib/table-search";
import { countsOptions } from "./api";
import { BulkSheet } from "./bulk-sheet";
import { Grace } from "./grace";
import { ReservationsTable } from "./reservations-table";
import { ReserveSheet } from "./reserve-sheet";
import { LISTS, type List, type ReservationsSearch } from "./search";
import type { Counts } from "./types";

/** How many a list holds; the archive is what has expired and what was released. */
function countOf(list: List, counts: Counts): number {
  if (list === "archive") return (counts.expired ?? 0) + (counts.released ?? 0);
  return counts[list] ?? 0;
}

/** Reserved customers: of everybody for those who decide, one's own for the others (spec 3.1, 6.1). */
export function ReservationsPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const manages = useCan()("reservations.manage");
  const search = useTableSearch<ReservationsSearch>();
  const counts = useQuery(countsOptions);
  const first = manages ? "pending" : "approved";
  // A shared link may name what is not the reader's.
  const { tab: wanted = first, panel, product_id, staff_id } = search.values;
  const tab = wanted === "grace" && !manages ? first : wanted;
  const add = (
    <Button variant="primary" onClick={() => search.setPanel("add")}>
      <Plus aria-hidden />
      {manages ? t("reservations.form.title") : t("reservations.form.ask")}
    </Button>
  );
  const close = () => search.setPanel(undefined);

  return (
    <>
      <PageHeader
        title={t("reservations.title")}
        description={manages ? t("reservations.description") : t("reservations.own_description")}
        actions={
          <>
            {manages && (
              <>
                <Button asChild>
                  <Link to="/reserved/conflicts">
                    <TriangleAlert aria-hidden />
                    {t("reservations.conflicts.title")}
                  </Link>
                </Button>
                <Button onClick={() => search.setPanel("bulk")}>
                  <ClipboardList aria-hidden />
                  {t("reservations.bulk.open")}
                </Button>
              </>
            )}
            {add}
          </>
        }
      />
      <Tabs
        value={tab}
        onValueChange={(next) =>
          void navigate({
            to: "/reserved",
            search: { product_id, staff_id, tab: next === first ? undefined : (next as List | "grace") },
          })
        }
      >
        <TabsList className="mb-4" aria-label={t("reservations.state")}>
          {LISTS.map((list) => (
            <TabsTrigger key={list} value={list}>
              {t(`reservations.lists.${list}`)}
              {counts.data && (
                <>
                  {" "}
                  <span className="tabular ml-0.5 font-normal text-muted">
                    {format.number(countOf(list, counts.data))}
                  </span>
                </>
              )}
            </TabsTrigger>
          ))}
          {manages && <TabsTrigger value="grace">{t("reservations.grace.tab")}</TabsTrigger>}
        </TabsList>
        <TabsContent value={tab} key={tab}>
          {tab === "grace" ? <Grace /> : <ReservationsTable list={tab} search={search} add={add} />}
        </TabsContent>
      </Tabs>
      {panel === "add" && <ReserveSheet onClose={close} />}
      {panel === "bulk" && manages && <BulkSheet onClose={close} />}
    </>
  );
}
