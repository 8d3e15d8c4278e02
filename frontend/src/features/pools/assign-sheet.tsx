import { useQuery } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { newIdempotencyKey } from "@/api/client";
import { fieldErrorsOf } from "@/api/problem";
import { useFormat } from "@/api/server-time";
import { EntitySheet, ErrorState, FormSheet, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Checkbox, RadioGroup, RadioItem } from "@/components/ui/checkbox";
import { Field, FormError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useDebounced } from "@/lib/use-debounced";
import { type AssignRequest, eligibilityOptions, useAssign, useUndo } from "./api";
import { EligiblePanel, SharePlan } from "./assign-plan";
import { AssignResult } from "./assign-result";
import { BatchSelect } from "./batch-select";
import type { Pool } from "./descriptors";
import type { Picked } from "./record-bulk";
import { StaffPicker } from "./staff-picker";
import { useStaffRooms } from "./staff-rooms";
import type { PoolDatabase, AssignResult as Result } from "./types";
import { useUndoToast } from "./use-undo-toast";

const QUANTITY_MAX = 100_000;
/** More names than this would make the toast a list. */
const NAMED = 4;

/**
 * Hands records of one database out (spec 2.1, 6.2): at random or the selected rows, to one staff or in equal shares to
 * several. What is eligible and what is not is on screen before; the way back is offered after.
 */
export function AssignSheet({
  pool,
  database,
  picked,
  onClose,
}: {
  pool: Pool;
  database: PoolDatabase;
  picked: Picked | null;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const formId = useId();
  const [key] = useState(newIdempotencyKey);
  const [mode, setMode] = useState<"random" | "selected">(picked ? "selected" : "random");
  const [quantity, setQuantity] = useState("50");
  const [chosen, setChosen] = useState<string[]>([]);
  const [batchId, setBatchId] = useState<string>();
  const [allowPartial, setAllowPartial] = useState(false);
  const [missing, setMissing] = useState<{ quantity?: string; staff_ids?: string }>({});
  const [shortResult, setShortResult] = useState<Result | null>(null);

  // Of everybody, for the picker; what is eligible depends on who is chosen, because of reservations.
  const { staff, loading, nobody, rooms } = useStaffRooms(pool.module, database.id);
  const settledChoice = useDebounced(chosen, 150);
  const forChosen = useQuery({
    ...eligibilityOptions(pool.module, database.id, settledChoice),
    enabled: settledChoice.length > 0,
  });
  const eligibility = settledChoice.length > 0 ? forChosen : rooms;

  const assign = useAssign(pool.module);
  const undo = useUndo();
  const undoable = useUndoToast();
  const refused = fieldErrorsOf(assign.error);
  const errors = {
    quantity: missing.quantity ?? refused.quantity,
    staff_ids: missing.staff_ids ?? refused.staff_ids ?? refused.staff_id,
    batch_id: refused.batch_id,
  };
  const placed = Object.values(errors).some(Boolean);

  const wanted = mode === "selected" ? (picked?.ids.length ?? 0) : Number(quantity);
  const countable = Number.isInteger(wanted) && wanted >= 1 && wanted <= QUANTITY_MAX;
  const receivers = staff.filter((person) => chosen.includes(person.staff_id));
  const extendsBatch = pool.extendsBatches && chosen.length === 1;

  function submit() {
    const found: typeof missing = {};
    if (mode === "random" && !countable) {
      found.quantity = t("pools.assign.quantity_invalid", { max: format.number(QUANTITY_MAX) });
    }
    if (chosen.length === 0) found.staff_ids = t("pools.assign.staff_missing");
    setMissing(found);
    if (Object.keys(found).length > 0) return;

    const target = { staffIds: chosen, batchId: extendsBatch ? batchId : undefined, key };
    const request: AssignRequest =
      mode === "selected" && picked
        ? { ...target, mode, recordIds: picked.ids }
        : { ...target, mode: "random", databaseId: database.id, quantity: wanted, allowPartial };
    assign.mutate(request, { onSuccess: done });
  }

  function done(result: Result) {
    picked?.clear();
    if (result.assigned_count < result.requested_count || result.blocked_records.length > 0) {
      setShortResult(result);
      return;
    }
    undoable(
      t("pools.assign.done", {
        count: result.assigned_count,
        formatted: format.number(result.assigned_count),
      }),
      result.operation_id,
      perStaffLine(result),
    );
    onClose();
  }

  function perStaffLine(result: Result): string {
    const named = result.per_staff.slice(0, NAMED);
    const rest = result.per_staff.length - named.length;
    const line = named
      .map((share) => `${share.staff_name} ${format.number(share.assigned_count)}`)
      .join(" · ");
    return rest > 0 ? `${line} · ${t("pools.assign.and_more", { count: rest })}` : line;
  }

  if (shortResult) {
    return (
      <EntitySheet
        open
        onClose={onClose}
        title={t("pools.assign.result_title")}
        description={database.name}
        footer={
          <>
            <Button
              className="mr-auto"
              busy={undo.isPending}
              disabled={shortResult.assigned_count === 0}
              onClick={() => undo.mutate(shortResult.operation_id, { onSuccess: onClose })}
            >
              <Undo2 aria-hidden />
              {t("common.undo")}
            </Button>
            <Button variant="primary" onClick={onClose}>
              {t("common.close")}
            </Button>
          </>
        }
      >
        <AssignResult result={shortResult} />
      </EntitySheet>
    );
  }

  return (
    <FormSheet
      onClose={onClose}
      title={t("pools.assign.title")}
      description={database.name}
      submitLabel={
        countable
          ? t("pools.assign.submit_count", { count: wanted, formatted: format.number(wanted) })
          : t("pools.assign.open")
      }
      busy={assign.isPending}
      onSubmit={submit}
      className="grid gap-5"
    >
      {picked && (
        <RadioGroup
          value={mode}
          onValueChange={(value) => setMode(value as typeof mode)}
          aria-label={t("pools.assign.which")}
          className="grid-cols-2"
        >
          <ModeChoice
            id={`${formId}-selected`}
            value="selected"
            label={t("pools.assign.selected", {
              count: picked.ids.length,
              formatted: format.number(picked.ids.length),
            })}
          />
          <ModeChoice id={`${formId}-random`} value="random" label={t("pools.assign.random")} />
        </RadioGroup>
      )}
      {mode === "random" ? (
        <>
          <Field
            label={t("pools.assign.quantity")}
            error={errors.quantity}
            hint={
              countable && eligibility.data && wanted > eligibility.data.eligible
                ? t("pools.assign.more_than_eligible", {
                    formatted: format.number(eligibility.data.eligible),
                  })
                : undefined
            }
          >
            <Input
              inputMode="numeric"
              className="tabular w-40"
              autoComplete="off"
              value={quantity}
              onChange={(event) => {
                setQuantity(event.target.value);
                setMissing((before) => ({ ...before, quantity: undefined }));
              }}
            />
          </Field>
          {eligibility.isError && eligibility.data === undefined ? (
            <ErrorState error={eligibility.error} onRetry={() => eligibility.refetch()} />
          ) : nobody ? null : (
            <EligiblePanel data={eligibility.data} loading={eligibility.isFetching} />
          )}
        </>
      ) : (
        picked && <SelectedNote picked={picked} />
      )}
      <StaffPicker
        staff={staff}
        loading={loading}
        chosen={chosen}
        onChange={(next) => {
          setChosen(next);
          setBatchId(undefined);
          setMissing((before) => ({ ...before, staff_ids: undefined }));
        }}
        error={errors.staff_ids}
      />
      {extendsBatch && (
        <BatchSelect
          module={pool.module}
          databaseId={database.id}
          staffId={chosen[0] ?? ""}
          value={batchId}
          onChange={setBatchId}
          error={errors.batch_id}
        />
      )}
      {countable && receivers.length > 0 && <SharePlan quantity={wanted} staff={receivers} />}
      {mode === "random" && (
        <div className="flex items-start gap-2 text-sm">
          <Checkbox
            id={`${formId}-partial`}
            className="mt-0.5"
            checked={allowPartial}
            onCheckedChange={(checked) => setAllowPartial(checked === true)}
          />
          <label htmlFor={`${formId}-partial`}>
            {t("pools.assign.allow_partial")}
            <span className="block text-muted text-xs">{t("pools.assign.allow_partial_hint")}</span>
          </label>
        </div>
      )}
      <FormError>{assign.error && !placed ? problemText(assign.error) : null}</FormError>
    </FormSheet>
  );
}

function ModeChoice({ id, value, label }: { id: string; value: string; label: string }) {
  return (
    <div className="flex items-center gap-2 rounded-md border border-border px-3 py-2 text-sm has-[[data-state=checked]]:border-accent has-[[data-state=checked]]:bg-accent-soft">
      <RadioItem id={id} value={value} />
      <label htmlFor={id} className="flex-1">
        {label}
      </label>
    </div>
  );
}

/** Of the rows that were picked by hand, those that cannot be given away as they stand. */
function SelectedNote({ picked }: { picked: Picked }) {
  const count = (status: string) => picked.rows.filter((row) => row.status === status).length;
  const excluded = (["assigned", "requested", "reserved", "invalid_archived"] as const)
    .map((status) => ({ reason: status, count: count(status) }))
    .filter((entry) => entry.count > 0);
  if (excluded.length === 0) return null;
  return (
    <EligiblePanel
      data={{
        eligible: picked.ids.length - excluded.reduce((sum, entry) => sum + entry.count, 0),
        excluded,
        staff: [],
      }}
      loading={false}
    />
  );
}
