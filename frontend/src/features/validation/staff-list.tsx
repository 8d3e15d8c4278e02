import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { BellOff, BellRing, CircleCheck } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { columnHelper, DataTable, FilterSelect } from "@/components/data-table";
import { StatusBadge, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { MODULES, POOLS, ReasonCounts } from "@/features/pools";
import { useTableSearch } from "@/lib/table-search";
import { summaryOptions, useDismiss } from "./api";
import { groupName, type ValidationSearch } from "./search";
import type { StaffInvalid, Summary } from "./types";

const asPage = (summary: Summary) => ({
  items: summary.staff,
  total: summary.staff.length,
  nextCursor: null,
});
const keyOf = (row: StaffInvalid) => groupName({ module: row.module, staffId: row.staff_id });

/** Who has rejected how much, and why; a row opens the records. */
export function StaffList() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = useTableSearch<ValidationSearch>();
  const { module } = search.values;
  const query = useQuery({
    ...summaryOptions(module),
    select: asPage,
    placeholderData: keepPreviousData,
  });
  const dismiss = useDismiss();
  const columns = useMemo(() => staffColumns(t, format), [t, format]);
  return (
    <DataTable
      id="validation-staff"
      label={t("validation.title")}
      columns={columns}
      query={query}
      search={search}
      getRowId={keyOf}
      filters={
        <FilterSelect
          label={t("validation.module")}
          value={module}
          onChange={(value) => search.set({ module: value as ValidationSearch["module"] })}
          all={t("validation.all_modules")}
          options={MODULES.map((code) => ({ value: code, label: t(POOLS[code].title) }))}
        />
      }
      empty={{
        icon: CircleCheck,
        title: t("validation.empty"),
        description: t("validation.empty_hint"),
      }}
      onOpen={(row) => search.set({ group: keyOf(row), module: undefined })}
      rowActions={(row) =>
        row.alert_opened_at && (
          <Button
            size="sm"
            variant="ghost"
            busy={dismiss.isPending && keyOf(row) === dismissed(dismiss.variables)}
            aria-label={t("validation.dismiss_named", { name: row.staff_name })}
            onClick={() =>
              dismiss.mutate(
                { module: row.module, staffId: row.staff_id },
                { onSuccess: () => toast.success(t("validation.dismissed")) },
              )
            }
          >
            <BellOff aria-hidden />
            <span className="max-sm:sr-only">{t("validation.dismiss")}</span>
          </Button>
        )
      }
    />
  );
}

const dismissed = (asked: { module: StaffInvalid["module"]; staffId?: string } | undefined) =>
  asked && groupName({ module: asked.module, staffId: asked.staffId ?? "" });

function staffColumns(t: TFunction, format: ReturnType<typeof useFormat>) {
  const column = columnHelper<StaffInvalid>();
  return [
    column("staff", {
      label: t("validation.staff"),
      card: "title",
      hideable: false,
      className: "min-w-40",
      cell: (row) => <span className="break-words font-medium">{row.staff_name}</span>,
    }),
    column("module", { label: t("validation.module"), cell: (row) => t(POOLS[row.module].title) }),
    column("count", {
      label: t("validation.rejected"),
      align: "end",
      cell: (row) => <span className="font-medium">{format.number(row.count)}</span>,
    }),
    column("reasons", {
      label: t("validation.reasons"),
      className: "min-w-56",
      cell: (row) => <ReasonCounts reasons={row.by_reason} />,
    }),
    column("alert", {
      label: t("validation.alert"),
      className: "whitespace-nowrap",
      cell: (row) =>
        row.alert_opened_at ? (
          <StatusBadge icon={BellRing} tone="warning" label={format.relative(row.alert_opened_at)} />
        ) : (
          <span className="text-muted">–</span>
        ),
    }),
  ];
}
