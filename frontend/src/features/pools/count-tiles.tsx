import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { StatTile } from "@/components/feedback";
import type { Pool } from "./descriptors";
import { statusIcon } from "./record-status";
import type { PoolDatabase, RecordFilter, RecordStatus } from "./types";

/** The counts of one database; each is a filter of the table below it, so the figure and the rows cannot differ. */
export function CountTiles({
  pool,
  database,
  status,
  onStatus,
}: {
  pool: Pool;
  database: PoolDatabase | undefined;
  /** What the records below are narrowed to; absent when there are no records below. */
  status: RecordFilter | "all" | undefined;
  onStatus: (status: RecordFilter | undefined) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const counts: { status: RecordStatus; label: string; value: number | undefined }[] = [
    { status: "available", label: t("pools.counts.available"), value: database?.available_count },
    { status: "assigned", label: t("pools.counts.assigned"), value: database?.assigned_count },
    ...(pool.requests
      ? [
          {
            status: "requested" as const,
            label: t("pools.counts.requested"),
            value: database?.requested_count,
          },
        ]
      : []),
    { status: "invalid_archived", label: t("pools.counts.archived"), value: database?.archived_count },
    { status: "reserved", label: t("pools.counts.reserved"), value: database?.excluded_count },
  ];
  return (
    <fieldset className="mb-4 grid grid-cols-3 gap-2 lg:flex lg:*:flex-1 max-sm:*:px-3 max-sm:[&_svg]:hidden">
      <legend className="sr-only">{t("pools.counts.legend")}</legend>
      <StatTile
        label={t("pools.counts.total")}
        value={format.number(database?.total_records ?? 0)}
        loading={!database}
        pressed={status === "all"}
        onPress={() => onStatus(undefined)}
      />
      {counts.map((tile) => (
        <StatTile
          key={tile.status}
          label={tile.label}
          icon={statusIcon(tile.status)}
          value={format.number(tile.value ?? 0)}
          loading={!database}
          pressed={status === tile.status}
          onPress={() => onStatus(status === tile.status ? undefined : tile.status)}
        />
      ))}
      <StatTile
        label={t("pools.counts.conflicts")}
        icon={statusIcon("conflict")}
        value={format.number(database?.conflict_count ?? 0)}
        loading={!database}
        pressed={status === "conflict"}
        onPress={() => onStatus(status === "conflict" ? undefined : "conflict")}
      />
    </fieldset>
  );
}
