import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { fieldErrorsOf } from "@/api/problem";
import { useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Field, FormError } from "@/components/ui/field";
import { NativeSelect } from "@/components/ui/input";
import { Card } from "@/components/ui/surface";
import { productChoicesOptions } from "@/features/products";
import { cn } from "@/lib/cn";
import { useChooseDeposits } from "./api";
import { ColumnSelect, ReadingAgain, SheetChoice } from "./mapping-step";
import { PreviewTable } from "./preview-table";
import { DEPOSIT_ROLES, type DepositImport, type DepositMapping, type DepositRole } from "./types";

const NEEDED: readonly DepositRole[] = ["date", "customer", "amount"];
/** What all rows have that name none themselves. */
const FIXED = { product: "product_id", staff: "staff_id" } as const;
const NOTHING: DepositMapping = { date_order: "dmy" };

/** Step 2: which column of a file of deposits is what, and whose deposits of which product they are. */
export function DepositMappingStep({ item }: { item: DepositImport }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const choose = useChooseDeposits(item.id);
  const products = useQuery(productChoicesOptions);
  const staff = useQuery(staffChoicesOptions);
  const [mapping, setMapping] = useState<DepositMapping>({ ...NOTHING, ...item.mapping });
  const [tried, setTried] = useState(false);
  const busy = item.state === "analysing" || choose.isPending;
  const refused = fieldErrorsOf(choose.error);
  const otherProblem = choose.error && !refused.sheet && !refused.header_row && !refused.mapping;
  const faults = faultsOf(mapping);
  const set = (change: Partial<DepositMapping>) => setMapping({ ...mapping, ...change });

  function toReport() {
    setTried(true);
    if (faults.size > 0) return;
    const go = () =>
      void navigate({ to: "/omset/import/$id", params: { id: item.id }, search: { step: "report" } });
    if (isSame(mapping, item.mapping)) go();
    else choose.mutateAsync({ mapping }).then(go, () => undefined);
  }

  const column = (role: DepositRole) => (
    <ColumnSelect
      key={role}
      label={t(`imports.deposits.role.${role}`)}
      required={NEEDED.includes(role)}
      item={item}
      guess={item.detected?.[role]}
      value={mapping[role] ?? null}
      error={errorOf(role)}
      onChange={(at) => set({ [role]: at })}
    />
  );

  function errorOf(role: DepositRole): string | undefined {
    const fault = faults.get(role);
    if (fault === "twice") return t("imports.deposits.twice");
    return fault && tried ? t(`imports.deposits.missing.${role as "date"}`) : undefined;
  }

  const fixed = (role: keyof typeof FIXED, choices: { id: string; name: string }[]) => (
    <Field label={t(`imports.deposits.fixed.${role}`)} hint={t("imports.deposits.fixed_hint")}>
      <NativeSelect
        value={mapping[FIXED[role]] ?? ""}
        onChange={(event) => set({ [FIXED[role]]: event.target.value || null })}
      >
        <option value="">{t("imports.deposits.from_column")}</option>
        {choices.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </NativeSelect>
    </Field>
  );

  return (
    <div className="grid gap-4">
      {busy && <ReadingAgain item={item} />}
      <fieldset disabled={busy} className={cn("grid gap-4", busy && "opacity-60")}>
        <legend className="sr-only">{t("imports.steps.mapping")}</legend>
        <Card className="grid gap-4 p-4 sm:p-5">
          <SheetChoice
            item={item}
            busy={busy}
            errors={refused}
            onChoose={(choice) => choose.mutate(choice)}
          />
          <div className="grid items-start gap-4 sm:grid-cols-2 lg:grid-cols-4">
            {column("date")}
            <Field label={t("imports.deposits.date_order")} hint={t("imports.deposits.date_order_hint")}>
              <NativeSelect
                value={mapping.date_order}
                onChange={(event) => set({ date_order: event.target.value as DepositMapping["date_order"] })}
              >
                <option value="dmy">{t("imports.deposits.day_first")}</option>
                <option value="mdy">{t("imports.deposits.month_first")}</option>
              </NativeSelect>
            </Field>
            {column("customer")}
            {column("amount")}
            {column("product")}
            {fixed("product", products.data ?? [])}
            {column("staff")}
            {fixed("staff", staff.data ?? [])}
            {(["name", "multiplier", "note"] as const).map(column)}
          </div>
          <FormError>{refused.mapping ?? (otherProblem ? problemText(choose.error) : null)}</FormError>
        </Card>
        <PreviewTable
          columns={item.columns}
          rows={item.preview_rows}
          nameOf={(at) => {
            const role = DEPOSIT_ROLES.find((name) => mapping[name] === at);
            return role && t(`imports.deposits.role.${role}`);
          }}
        />
        <div className="flex justify-end">
          <Button variant="primary" size="lg" onClick={toReport} busy={choose.isPending}>
            {t("imports.to_report")}
            <ArrowRight aria-hidden />
          </Button>
        </div>
      </fieldset>
    </div>
  );
}

/** What a mapping lacks, and which columns it takes twice. */
export function faultsOf(mapping: DepositMapping): Map<DepositRole, "missing" | "twice"> {
  const faults = new Map<DepositRole, "missing" | "twice">();
  const used = new Set<number>();
  for (const role of DEPOSIT_ROLES) {
    const at = mapping[role] ?? null;
    const key = role === "product" || role === "staff" ? FIXED[role] : undefined;
    if (at === null && (NEEDED.includes(role) || (key && !mapping[key]))) faults.set(role, "missing");
    else if (at !== null && used.has(at)) faults.set(role, "twice");
    if (at !== null) used.add(at);
  }
  return faults;
}

const isSame = (mapping: DepositMapping, stored: DepositMapping | null): boolean =>
  mapping.date_order === (stored?.date_order ?? "dmy") &&
  [...DEPOSIT_ROLES, "product_id" as const, "staff_id" as const].every(
    (name) => (mapping[name] ?? null) === (stored?.[name] ?? null),
  );
