import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { History } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { columnHelper, DataTable } from "@/components/data-table";
import { useCodeText } from "@/lib/code-text";
import type { TableSearch } from "@/lib/table-search";
import { activityOptions } from "./api";
import type { Pool } from "./descriptors";
import type { DatabaseSearch } from "./search";
import type { Activity } from "./types";

/** Names shown of a command on the records of many people. */
const NAMES = 3;

/** Who did what with a database, the last one first. */
export function ActivityTab({
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
  const query = useQuery(activityOptions(pool.module, id, search.values));
  const columns = useMemo(() => activityColumns(t, format), [t, format]);
  return (
    <DataTable
      id="activity"
      label={t("pools.activity.title")}
      columns={columns}
      query={query}
      search={search}
      getRowId={(row) => row.id}
      empty={{ icon: History, title: t("pools.activity.empty") }}
    />
  );
}

function activityColumns(t: TFunction, format: ReturnType<typeof useFormat>) {
  const column = columnHelper<Activity>();
  return [
    column("what", {
      label: t("pools.activity.what"),
      card: "title",
      hideable: false,
      className: "min-w-44",
      cell: (row) => <What entry={row} />,
    }),
    column("records", {
      label: t("pools.records"),
      align: "end",
      cell: (row) =>
        row.record_count == null ? <span className="text-muted">–</span> : format.number(row.record_count),
    }),
    column("staff", {
      label: t("pools.record.holder"),
      className: "min-w-48",
      cell: (row) => <Names of={row.staff ?? []} />,
    }),
    column("actor", { label: t("pools.activity.actor"), cell: (row) => row.actor_name }),
    column("at", {
      label: t("pools.activity.at"),
      className: "whitespace-nowrap",
      cell: (row) => format.dateTime(row.at),
    }),
  ];
}

/** Changes of the database itself have names of their own: `database.updated`. */
function What({ entry: { kind, reason } }: { entry: Activity }) {
  const { t } = useTranslation();
  const codeText = useCodeText();
  const ofDatabase = kind.startsWith("database.");
  return (
    <span className="font-medium">
      {ofDatabase
        ? codeText("pools.activity.database", kind.slice("database.".length), kind)
        : kind === "assign" && reason === "replacement"
          ? t("pools.activity.replacement")
          : codeText("pools.history.kind", kind, kind)}
    </span>
  );
}

function Names({ of }: { of: NonNullable<Activity["staff"]> }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (of.length === 0) return <span className="text-muted">–</span>;
  const shown = of.slice(0, NAMES).map((one) => `${one.staff_name} (${format.number(one.record_count)})`);
  const more = of.length - NAMES;
  if (more > 0) shown.push(t("pools.assign.and_more", { count: more }));
  return <span className="break-words">{shown.join(", ")}</span>;
}
