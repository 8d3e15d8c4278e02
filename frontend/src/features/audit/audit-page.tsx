import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { ScrollText } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { columnHelper, DataTable, DayFilter, FilterSelect } from "@/components/data-table";
import { PageHeader } from "@/components/layout";
import { useTableSearch } from "@/lib/table-search";
import { actorsOptions, type Trace, tracesOptions } from "./api";
import { type AuditSearch, KINDS } from "./search";
import { TraceSheet } from "./trace-sheet";
import { useTraceWords } from "./words";

/** Who did what, to what, when, from where: one list over every table that keeps it. */
export function AuditPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useTraceWords();
  const search = useTableSearch<AuditSearch>();
  const query = useQuery(tracesOptions(search.values));
  const actors = useQuery(actorsOptions);
  const columns = useMemo(() => traceColumns(t, format, words), [t, format, words]);
  const { kind, actor_id, from, to, open } = search.values;
  const opened = query.data?.items.find((trace) => trace.id === open);
  const isFiltered = Boolean(kind || actor_id || from || to);
  return (
    <>
      <PageHeader title={t("audit.title")} description={t("audit.description")} />
      <DataTable
        id="audit"
        label={t("audit.title")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(trace) => trace.id}
        filters={
          <>
            <FilterSelect
              label={t("audit.kind")}
              value={kind}
              onChange={(value) => search.set({ kind: value as AuditSearch["kind"] })}
              all={t("audit.any_kind")}
              options={KINDS.map((value) => ({ value, label: words.kind(value) }))}
            />
            <FilterSelect
              label={t("audit.who")}
              value={actor_id}
              onChange={(value) => search.set({ actor_id: value })}
              all={t("audit.anybody")}
              options={(actors.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            />
            <DayFilter
              label={t("audit.from")}
              value={from}
              max={to}
              onChange={(day) => search.set({ from: day })}
            />
            <DayFilter
              label={t("audit.to")}
              value={to}
              min={from}
              onChange={(day) => search.set({ to: day })}
            />
          </>
        }
        onOpen={(trace) => search.setOpen(trace.id)}
        isOpen={(trace) => trace.id === open}
        empty={{
          icon: ScrollText,
          title: isFiltered ? t("audit.nothing_found") : t("audit.empty"),
          description: isFiltered ? t("audit.nothing_found_hint") : t("audit.empty_hint"),
        }}
      />
      {open && (
        <TraceSheet trace={opened} loading={query.isPending} onClose={() => search.setOpen(undefined)} />
      )}
    </>
  );
}

function traceColumns(
  t: TFunction,
  format: ReturnType<typeof useFormat>,
  words: ReturnType<typeof useTraceWords>,
) {
  const column = columnHelper<Trace>();
  return [
    column("action", {
      label: t("audit.what"),
      card: "title",
      hideable: false,
      className: "min-w-40",
      cell: (trace) => <span className="font-medium">{words.action(trace)}</span>,
    }),
    column("kind", {
      label: t("audit.kind"),
      className: "min-w-40",
      cell: (trace) => (
        <span className="grid">
          <span>{words.kind(trace.kind)}</span>
          {trace.object_name && <span className="break-words text-muted text-xs">{trace.object_name}</span>}
        </span>
      ),
    }),
    column("actor", {
      label: t("audit.who"),
      cell: (trace) => <span className="break-words">{words.actor(trace.actor_name)}</span>,
    }),
    column("address", {
      label: t("audit.address"),
      cell: (trace) => trace.address ?? <span className="text-muted">–</span>,
    }),
    column("at", {
      label: t("audit.when"),
      cell: (trace) => (
        <time dateTime={trace.at} title={format.relative(trace.at)} className="tabular whitespace-nowrap">
          {format.dateTime(trace.at)}
        </time>
      ),
    }),
  ];
}
