import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { CircleCheck, CircleX, ClipboardCheck, MessageCircle, Reply, UserCheck } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { columnHelper, DataTable } from "@/components/data-table";
import { StatTile } from "@/components/feedback";
import type { TableSearch } from "@/lib/table-search";
import { qualityOptions } from "./api";
import type { Pool } from "./descriptors";
import { ReasonCounts } from "./reason-counts";
import type { DatabaseSearch } from "./search";
import type { Quality, StaffQuality } from "./types";

const asPage = (quality: Quality) => ({
  items: quality.staff,
  total: quality.staff.length,
  nextCursor: null,
});

/** What the dealt records of a database turned out to be, in all and by staff; a figure opens the records behind it. */
export function QualityTab({
  pool,
  id,
  search,
}: {
  pool: Pool;
  id: string;
  search: TableSearch<DatabaseSearch>;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const options = { ...qualityOptions(pool.module, id), placeholderData: keepPreviousData };
  const whole = useQuery(options).data;
  const query = useQuery({ ...options, select: asPage });
  const columns = useMemo(() => staffColumns(t, format), [t, format]);
  const of = t("pools.quality.of", { total: format.number(whole?.dealt_count ?? 0) });
  const figure = (value: number | undefined) => ({ value: format.number(value ?? 0), loading: !whole });
  const records = (filter: Partial<DatabaseSearch>) => () => search.set({ tab: undefined, ...filter });
  const marks = (parts: [string, number | undefined][]) =>
    parts.map(([name, count]) => `${name} ${format.number(count ?? 0)}`).join(" · ");
  return (
    <>
      <section
        aria-label={t("pools.quality.title")}
        className="mb-4 grid grid-cols-2 gap-2 md:grid-cols-3 xl:grid-cols-6"
      >
        <StatTile
          label={t("pools.quality.dealt")}
          icon={UserCheck}
          hint={t("pools.quality.archived", { number: format.number(whole?.archived_count ?? 0) })}
          {...figure(whole?.dealt_count)}
        />
        <StatTile
          label={t("pools.quality.worked")}
          icon={ClipboardCheck}
          hint={of}
          {...figure(whole?.worked_count)}
        />
        <StatTile
          label={t("customers.whatsapp.title")}
          icon={MessageCircle}
          hint={marks([
            [t("customers.whatsapp.ada"), whole?.ada_count],
            [t("customers.whatsapp.ceklis1"), whole?.ceklis1_count],
            [t("customers.whatsapp.tidak"), whole?.tidak_count],
          ])}
          {...figure(whole && whole.ada_count + whole.ceklis1_count + whole.tidak_count)}
        />
        <StatTile
          label={t("customers.respond.title")}
          icon={Reply}
          hint={marks([
            [t("customers.respond.ya"), whole?.respond_ya_count],
            [t("customers.respond.tidak"), whole?.respond_tidak_count],
          ])}
          {...figure(whole && whole.respond_ya_count + whole.respond_tidak_count)}
        />
        <StatTile
          label={t("customers.verdict.validated")}
          icon={CircleCheck}
          hint={of}
          onPress={records({ validation: "validated" })}
          {...figure(whole?.validated_count)}
        />
        <StatTile
          label={t("customers.verdict.invalid")}
          icon={CircleX}
          hint={of}
          onPress={records({ validation: "invalid" })}
          {...figure(whole?.invalid_count)}
        />
      </section>
      {whole && whole.reasons.length > 0 && (
        <p className="mb-4 flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
          <span className="text-muted">{t("pools.quality.why")}</span>
          <ReasonCounts reasons={whole.reasons} />
        </p>
      )}
      <DataTable
        id="quality"
        label={t("pools.quality.by_staff")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(row) => row.staff_id}
        empty={{
          icon: ClipboardCheck,
          title: t("pools.quality.empty"),
          description: t("pools.quality.empty_hint"),
        }}
        onOpen={(row) => records({ assigned_to: row.staff_id })()}
      />
    </>
  );
}

function staffColumns(t: TFunction, format: ReturnType<typeof useFormat>) {
  const column = columnHelper<StaffQuality>();
  const count = (id: string, label: string, value: (row: StaffQuality) => number) =>
    column(id, {
      label,
      align: "end",
      cell: (row) => (
        <span className={value(row) === 0 ? "text-muted" : undefined}>{format.number(value(row))}</span>
      ),
    });
  return [
    column("staff", {
      label: t("pools.quality.staff"),
      card: "title",
      hideable: false,
      className: "min-w-40",
      cell: (row) => <span className="break-words font-medium">{row.staff_name}</span>,
    }),
    count("dealt", t("pools.quality.dealt"), (row) => row.dealt_count),
    count("worked", t("pools.quality.worked"), (row) => row.worked_count),
    count("ada", `WA: ${t("customers.whatsapp.ada")}`, (row) => row.ada_count),
    count("ceklis1", `WA: ${t("customers.whatsapp.ceklis1")}`, (row) => row.ceklis1_count),
    count("tidak", `WA: ${t("customers.whatsapp.tidak")}`, (row) => row.tidak_count),
    count(
      "ya",
      `${t("customers.respond.title")}: ${t("customers.respond.ya")}`,
      (row) => row.respond_ya_count,
    ),
    count(
      "no",
      `${t("customers.respond.title")}: ${t("customers.respond.tidak")}`,
      (row) => row.respond_tidak_count,
    ),
    count("validated", t("customers.verdict.validated"), (row) => row.validated_count),
    count("invalid", t("customers.verdict.invalid"), (row) => row.invalid_count),
    column("reasons", {
      label: t("customers.reason_title"),
      className: "min-w-48",
      cell: (row) =>
        row.reasons.length > 0 ? (
          <ReasonCounts reasons={row.reasons} />
        ) : (
          <span className="text-muted">–</span>
        ),
    }),
  ];
}
