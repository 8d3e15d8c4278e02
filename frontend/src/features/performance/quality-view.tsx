import { useQuery } from "@tanstack/react-query";
import { ClipboardCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { FilterBar, FilterSelect } from "@/components/data-table";
import { EmptyState } from "@/components/feedback";
import { Card } from "@/components/ui/surface";
import type { TableSearch } from "@/lib/table-search";
import { qualityOptions } from "./api";
import { FigureTable } from "./figure-table";
import { Loaded } from "./loaded";
import { PERIODS, type TeamSearch } from "./search";
import type { Quality, QualityCounts } from "./types";

/** What came of the records handed out in a period: by person, and by database where it is one person. */
export function QualityView({ search, staffId }: { search: TableSearch<TeamSearch>; staffId?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { period } = search.values;
  const query = useQuery(qualityOptions(period, staffId));
  return (
    <>
      <FilterBar>
        <FilterSelect
          label={t("performance.period")}
          value={period}
          onChange={(value) => search.set({ period: value as TeamSearch["period"] })}
          all={t("performance.periods.month")}
          options={PERIODS.map((name) => ({ value: name, label: t(`performance.periods.${name}`) }))}
        />
        {query.data && (
          <span className="self-center text-muted text-sm">
            {format.day(query.data.start_date)} – {format.day(query.data.end_date)}
          </span>
        )}
      </FilterBar>
      <Loaded query={query}>{(data) => <Tables quality={data} />}</Loaded>
    </>
  );
}

type Row = QualityCounts & { id: string; name: string };

function Tables({ quality }: { quality: Quality }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (quality.staff.length === 0) {
    return (
      <Card>
        <EmptyState
          icon={ClipboardCheck}
          title={t("performance.no_records")}
          description={t("performance.no_records_hint")}
        />
      </Card>
    );
  }
  const people: Row[] = quality.staff.map((row) => ({ ...row, id: row.staff_id, name: row.staff_name }));
  const all: Row = { ...quality.total, id: "", name: t("performance.together") };
  const only = quality.staff.length === 1 ? quality.staff[0] : undefined;
  const databases = only?.databases.map((row) => ({ ...row, id: row.database_id, name: row.database_name }));
  const count = (name: keyof QualityCounts, wide = false) => ({
    key: name,
    label: t(`performance.quality.${name}`),
    cell: (row: Row) => format.number(row[name]),
    wide,
  });
  const columns = [
    count("assigned"),
    count("wa_checked"),
    count("wa_ada", true),
    count("wa_ceklis1", true),
    count("wa_tidak", true),
    count("responded"),
    count("responded_ya", true),
    count("validated", true),
    count("invalid", true),
  ];
  const common = {
    columns,
    rowKey: (row: Row) => row.id,
    name: (row: Row) => <span className="break-words font-medium">{row.name}</span>,
  };
  return (
    <div className="grid gap-4">
      <FigureTable
        {...common}
        title={t("performance.tabs.quality")}
        first={t("performance.staff")}
        rows={people.length > 1 ? [...people, all] : people}
      />
      {databases && (
        <FigureTable
          {...common}
          title={t("performance.by_database")}
          first={t("performance.database")}
          rows={databases}
        />
      )}
    </div>
  );
}
