import { Inbox } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/api/session";
import { FilterSelect } from "@/components/data-table";
import { NativeSelect } from "@/components/ui/input";
import { useTableSearch } from "@/lib/table-search";
import { useSetAutoApprove } from "./api";
import { RequestsTable } from "./requests-table";
import type { RequestsSearch } from "./search";
import { AUTO_APPROVE, type AutoApprove, REQUEST_STATUSES, type RequestStatus } from "./types";

/** The requests of one database, and how they are decided. */
export function DatabaseRequests({
  databaseId,
  autoApprove,
}: {
  databaseId: string;
  /** As the server keeps it: null follows the general rule. Undefined while it is being read. */
  autoApprove: boolean | null | undefined;
}) {
  const { t } = useTranslation();
  const search = useTableSearch<RequestsSearch & { request_status?: RequestStatus }>();
  const status = search.values.request_status;
  return (
    <RequestsTable
      search={search}
      withDatabase={false}
      filter={{ database_id: databaseId, status }}
      filters={
        <FilterSelect
          label={t("requests.state")}
          value={status}
          onChange={(value) => search.set({ request_status: value as RequestStatus | undefined })}
          all={t("requests.all_states")}
          options={REQUEST_STATUSES.map((code) => ({ value: code, label: t(`requests.status.${code}`) }))}
        />
      }
      actions={<OfDatabase databaseId={databaseId} value={autoApprove} />}
      empty={{ icon: Inbox, title: t("requests.database_empty") }}
    />
  );
}

const choiceOf = (value: boolean | null): AutoApprove =>
  value === null ? "follow" : value ? "always" : "never";

/** Whether requests of this database are approved at once: as everywhere, always, never. */
function OfDatabase({ databaseId, value }: { databaseId: string; value: boolean | null | undefined }) {
  const { t } = useTranslation();
  const can = useCan();
  const id = useId();
  const set = useSetAutoApprove(databaseId);
  if (!can("requests.review") || value === undefined) return null;
  return (
    <div className="flex items-center gap-2 text-sm">
      <label htmlFor={id} className="text-muted">
        {t("requests.auto.of_database")}
      </label>
      <NativeSelect
        id={id}
        className="w-auto"
        disabled={set.isPending}
        value={set.isPending ? set.variables : choiceOf(value)}
        onChange={(event) => set.mutate(event.target.value as AutoApprove)}
      >
        {AUTO_APPROVE.map((choice) => (
          <option key={choice} value={choice}>
            {t(`requests.auto.choice.${choice}`)}
          </option>
        ))}
      </NativeSelect>
    </div>
  );
}
