import { useQuery } from "@tanstack/react-query";
import { ClipboardList, ReceiptText } from "lucide-react";
import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { staffChoicesOptions } from "@/api/choices";
import { serverTimeOptions, useFormat } from "@/api/server-time";
import { useCan, useMe } from "@/api/session";
import { EmptyState, StatTile } from "@/components/feedback";
import { useShortcuts } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input, NativeSelect } from "@/components/ui/input";
import { productChoicesOptions } from "@/features/products";
import type { TableSearch } from "@/lib/table-search";
import { usePreference } from "@/lib/use-preference";
import { depositsOptions, summaryOptions } from "./api";
import type { Entry } from "./booking-queue";
import { DepositsTable } from "./deposits-table";
import { type Draft, draftOf, EMPTY_DRAFT, type Place } from "./entry-form";
import { EntryRow } from "./entry-row";
import { PasteSheet } from "./paste-sheet";
import type { DepositsSearch } from "./search";
import { UnsavedList } from "./unsaved-list";
import { useBooking } from "./use-booking";
import { useTypedDay } from "./use-typed-day";

/** One product's day: the row that is being entered, what is not saved yet, what is, and its figures (spec 6.2). */
export function DayEntry({ search }: { search: TableSearch<DepositsSearch> }) {
  const { t } = useTranslation();
  const me = useMe();
  const { queue, entries } = useBooking();
  const products = useQuery(productChoicesOptions);
  const time = useQuery(serverTimeOptions).data;
  const [lastProduct, rememberProduct] = usePreference("deposits:product", "");
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const [pasted, setPasted] = useState<string>();
  const customerRef = useRef<HTMLInputElement>(null);
  useShortcuts(
    useMemo(
      () => ({
        title: t("deposits.tabs.day"),
        keys: [
          { keys: ["Tab"], what: t("deposits.keys.on") },
          { keys: ["Enter"], what: t("deposits.keys.book") },
          { keys: ["↓", "↑"], what: t("deposits.keys.choose") },
        ],
      }),
      [t],
    ),
  );

  const { staff_id, date = time?.today } = search.values;
  const dayField = useTypedDay(date, (day) => day && search.set({ date: day }), { max: time?.today });
  const known = products.data ?? [];
  const product_id =
    search.values.product_id ??
    (known.some(({ id }) => id === lastProduct) ? lastProduct : (known[0]?.id ?? ""));
  const owner = staff_id ?? me.id;
  const place: Place | undefined =
    date && product_id ? { product_id, record_date: date, ...(staff_id && { staff_id }) } : undefined;

  const correct = useCallback(
    ({ form }: Entry) => {
      setDraft(draftOf(form));
      search.set({
        product_id: form.product_id,
        date: form.record_date,
        staff_id: form.staff_id ?? undefined,
      });
      customerRef.current?.focus();
    },
    [search],
  );

  if (products.data && known.length === 0) {
    return <EmptyState icon={ReceiptText} title={t("deposits.empty.products")} />;
  }
  return (
    <>
      <div className="mb-3 grid grid-cols-2 gap-3 sm:flex sm:flex-wrap sm:items-end">
        <Field label={t("deposits.product")} className="sm:w-56">
          <NativeSelect
            value={product_id}
            onChange={(event) => {
              rememberProduct(event.target.value);
              search.set({ product_id: event.target.value });
            }}
          >
            {known.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </NativeSelect>
        </Field>
        <Field label={t("deposits.day")} className="sm:w-44">
          <Input {...dayField} />
        </Field>
        <OwnerSelect value={staff_id} onChange={(id) => search.set({ staff_id: id })} />
        <Button className="self-end max-sm:col-span-2 sm:ml-auto" onClick={() => setPasted("")}>
          <ClipboardList aria-hidden />
          {t("deposits.paste.open")}
        </Button>
      </div>
      {place && (
        <>
          <EntryRow
            place={place}
            draft={draft}
            onDraft={setDraft}
            onBook={(form) => queue.add(form)}
            onCells={setPasted}
            customerRef={customerRef}
          />
          <UnsavedList queue={queue} entries={entries} onCorrect={correct} />
          <DayFigures place={place} owner={owner} />
          <DayRows search={search} place={place} owner={owner} />
          {pasted !== undefined && (
            <PasteSheet place={place} text={pasted} onClose={() => setPasted(undefined)} />
          )}
        </>
      )}
    </>
  );
}

/** For whom an admin enters deposits. */
function OwnerSelect({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (id: string | undefined) => void;
}): ReactNode {
  const { t } = useTranslation();
  const me = useMe();
  const manages = useCan()("deposits.manage");
  const staff = useQuery({ ...staffChoicesOptions, enabled: manages });
  if (!manages) return null;
  return (
    <Field label={t("deposits.entry.book_for")} className="max-sm:col-span-2 sm:w-56">
      <NativeSelect value={value ?? ""} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">{t("deposits.entry.myself", { name: me.name })}</option>
        {staff.data
          ?.filter(({ id }) => id !== me.id)
          .map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
      </NativeSelect>
    </Field>
  );
}

function DayFigures({ place, owner }: { place: Place; owner: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { product_id, record_date } = place;
  const { data, isPlaceholderData } = useQuery(
    summaryOptions({ product_id, staff_id: owner, start_date: record_date, end_date: record_date }),
  );
  const total = data?.total;
  const tile = (value: number | undefined) => ({
    value: format.number(value ?? 0),
    loading: !total || isPlaceholderData,
  });
  return (
    <section
      aria-label={t("deposits.entry.day_figures", { date: format.day(record_date) })}
      className="my-3 grid grid-cols-2 gap-2 lg:grid-cols-4"
    >
      <StatTile label="NDP" hint={format.number(total?.ndp_total ?? 0)} {...tile(total?.total_ndp)} />
      <StatTile label="RDP" hint={format.number(total?.rdp_total ?? 0)} {...tile(total?.total_rdp)} />
      <StatTile label={t("deposits.forms")} {...tile(total?.total_records)} />
      <StatTile label={t("deposits.total")} {...tile(total?.total_depo)} />
    </section>
  );
}

function DayRows({
  search,
  place,
  owner,
}: {
  search: TableSearch<DepositsSearch>;
  place: Place;
  owner: string;
}) {
  const { t } = useTranslation();
  const { product_id, record_date } = place;
  const query = useQuery(
    depositsOptions(
      { ...search.values, q: undefined },
      { product_id, record_date, staff_id: owner, status: "all" },
    ),
  );
  // Product, day and person say where one is; there is nothing to clear.
  const here = useMemo(() => ({ ...search, isFiltered: false }) as TableSearch, [search]);
  return (
    <DepositsTable
      id="deposits-day"
      label={t("deposits.entry.day_rows")}
      query={query}
      search={here}
      withDay={false}
      withProduct={false}
      empty={{
        icon: ReceiptText,
        title: t("deposits.empty.day"),
        description: t("deposits.empty.day_hint"),
      }}
    />
  );
}
