import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPage, getPaged, newIdempotencyKey, type Page, send } from "@/api/client";
import { readFieldErrors } from "@/api/problem";
import { pageQuery, type TableSearchValues } from "@/lib/table-search";
import type {
  BookedRow,
  BookForm,
  Command,
  Deposit,
  DepositChange,
  DepositDetail,
  Duplicates,
  KnownCustomer,
  LedgerSettings,
  Outcome,
  PreviewRow,
  Recalculation,
  Summary,
} from "./types";

export const BASE = "/api/omset";
const RECALCULATION = `${BASE}/migrate-normalize`;

export type DepositFilter = {
  product_id?: string;
  staff_id?: string;
  record_date?: string;
  start_date?: string;
  end_date?: string;
  status?: string;
  customer_type?: string;
};

/** Deposits, the latest day first; staff get their own. */
export const depositsOptions = (search: TableSearchValues, filter: DepositFilter) => {
  const query = { ...pageQuery(search), sort: undefined, ...filter };
  return queryOptions({
    queryKey: ["deposits", "list", query],
    queryFn: ({ signal }) => getPage<Deposit>(BASE, query, signal),
    placeholderData: keepPreviousData,
  });
};

export const depositOptions = (id: string) =>
  queryOptions({
    queryKey: ["deposits", "one", id],
    queryFn: ({ signal }) => get<DepositDetail>(`${BASE}/${id}`, undefined, signal),
  });

export const pendingOptions = (search: TableSearchValues) => {
  const { limit, cursor } = pageQuery(search);
  return queryOptions({
    queryKey: ["deposits", "pending", limit, cursor],
    queryFn: ({ signal }) => getPage<Deposit>(`${BASE}/pending`, { limit, cursor }, signal),
    placeholderData: keepPreviousData,
  });
};

export const trashOptions = (search: TableSearchValues) => {
  const { limit, cursor } = pageQuery(search);
  return queryOptions({
    queryKey: ["deposits", "trash", limit, cursor],
    queryFn: async ({ signal }): Promise<Page<Deposit>> => {
      const { body, ...paging } = await getPaged<{ records: Deposit[] }>(
        `${BASE}/trash`,
        { limit, cursor },
        signal,
      );
      return { items: body.records, ...paging };
    },
    placeholderData: keepPreviousData,
  });
};

export type Range = Pick<DepositFilter, "product_id" | "staff_id" | "start_date" | "end_date">;

export const duplicatesOptions = (range: Omit<Range, "staff_id">) =>
  queryOptions({
    queryKey: ["deposits", "duplicates", range],
    queryFn: ({ signal }) => get<Duplicates>(`${BASE}/duplicates`, range, signal),
    placeholderData: keepPreviousData,
  });

/** What counts between two days, both included. */
export const summaryOptions = (range: Range) =>
  queryOptions({
    queryKey: ["deposits", "summary", range],
    queryFn: ({ signal }) => get<Summary>(`${BASE}/summary`, range, signal),
    placeholderData: keepPreviousData,
  });

/** Customers that the person it is booked for has booked before, the latest first. */
export const knownCustomersOptions = (q: string, product_id: string, staff_id?: string) =>
  queryOptions({
    queryKey: ["deposits", "customers", q, product_id, staff_id],
    queryFn: ({ signal }) => get<KnownCustomer[]>(`${BASE}/customers`, { q, product_id, staff_id }, signal),
    staleTime: 60_000,
  });

/** What forms would be if they were saved now, each for itself. */
export const preview = async (forms: readonly BookForm[], signal?: AbortSignal): Promise<PreviewRow[]> =>
  readRows((await send<{ rows: PreviewRow[] }>("POST", `${BASE}/preview`, { rows: forms }, { signal })).rows);

/** In the reader's language, what is wrong with forms. */
const readRows = <Row extends { errors: readonly unknown[] }>(rows: readonly Row[]) =>
  rows.map((row) => ({ ...row, errors: readFieldErrors(row.errors) }));

/** The ledger changes by the minute, so a preview is never older than the question. */
export const previewOptions = (forms: readonly BookForm[]) =>
  queryOptions({
    queryKey: ["deposits", "preview", forms],
    queryFn: ({ signal }) => preview(forms, signal),
    staleTime: 0,
    gcTime: 0,
  });

export const book = (form: BookForm, key: string): Promise<Deposit> =>
  send<Deposit>("POST", BASE, form, { idempotencyKey: key });

/** Books several at once; answers for each, in their order, what it became or what is wrong with it. */
export const bookRows = async (forms: readonly BookForm[], key: string): Promise<BookedRow[]> =>
  readRows(
    (await send<{ rows: BookedRow[] }>("POST", `${BASE}/rows`, { rows: forms }, { idempotencyKey: key }))
      .rows,
  );

/** How many deposits of one customer are shown beside other things; the ledger has the rest. */
const OF_CUSTOMER = 10;

/** The last deposits of one customer. */
export const customerDepositsOptions = (customer_key: string) =>
  queryOptions({
    queryKey: ["deposits", "customer", customer_key],
    queryFn: async ({ signal }) =>
      (await getPage<Deposit>(BASE, { customer_key, status: "all", limit: OF_CUSTOMER }, signal)).items,
  });

/** What the running recalculation has done so far, or what the last one found. */
export const recalculationOptions = queryOptions({
  queryKey: ["deposits", "recalculation"],
  queryFn: ({ signal }) => get<Recalculation>(RECALCULATION, undefined, signal),
});

/** Answers when all of it is done; meanwhile its progress is read beside it. */
export function useRecalculate() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => send<Recalculation>("POST", RECALCULATION),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export const ledgerSettingsOptions = queryOptions({
  queryKey: ["deposits", "settings"],
  queryFn: ({ signal }) => get<LedgerSettings>(`${BASE}/settings`, undefined, signal),
});

/** A deposit is in figures, in reservations (their last deposit) and in the inbox of who decides. */
export function useRefresh() {
  const client = useQueryClient();
  return () => {
    for (const key of ["deposits", "reservations", "notifications", "today"]) {
      void client.invalidateQueries({ queryKey: [key] });
    }
  };
}

export function useEdit(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ key, ...change }: DepositChange & { key: string }) =>
      send<Deposit>("PUT", `${BASE}/${id}`, change, { idempotencyKey: key }),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

function run(id: string, command: Command, reason?: string): Promise<unknown> {
  const options = { idempotencyKey: newIdempotencyKey() };
  switch (command) {
    case "approve":
      return send("POST", `${BASE}/${id}/approve`, undefined, options);
    case "decline":
      return send("POST", `${BASE}/${id}/decline`, { reason: reason || undefined }, options);
    case "delete":
      return send("DELETE", `${BASE}/${id}`, undefined, options);
    case "restore":
      return send("POST", `${BASE}/restore/${id}`, undefined, options);
    case "purge":
      return send("DELETE", `${BASE}/trash/${id}`);
  }
}

/** One command on one deposit or several, each decided for itself; answers how each one went. */
export function useCommand() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: async (wanted: { deposits: readonly Deposit[]; command: Command; reason?: string }) => {
      const outcomes: Outcome[] = [];
      for (const deposit of wanted.deposits) {
        try {
          await run(deposit.id, wanted.command, wanted.reason);
          outcomes.push({ deposit });
        } catch (error) {
          outcomes.push({ deposit, error });
        }
      }
      return outcomes;
    },
    onSettled: refresh,
    meta: { ownError: true },
  });
}

/** One command that is not asked about first; what refuses it is toasted. */
export function useCommandAtOnce() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, command }: { id: string; command: "delete" | "restore" }) => run(id, command),
    onSettled: refresh,
  });
}

export function useEmptyTrash() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => send<{ deleted_count: number }>("DELETE", `${BASE}/trash`),
    onSettled: refresh,
    meta: { ownError: true },
  });
}

export function useCloseBooks() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ledger_closed_until: string | null) =>
      send<LedgerSettings>("PUT", `${BASE}/settings`, { ledger_closed_until }),
    onSuccess: (saved) => client.setQueryData(ledgerSettingsOptions.queryKey, saved),
    meta: { ownError: true },
  });
}
