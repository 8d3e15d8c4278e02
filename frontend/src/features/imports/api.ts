import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPage, send, upload } from "@/api/client";
import type { Module } from "@/features/pools";
import { PAGE_SIZE } from "@/lib/table-search";
import {
  type AnyImport,
  type DepositImport,
  type DepositMapping,
  type DuplicateChoice,
  type Import,
  isRunning,
  type Mapping,
  type ReservedChoice,
  type SheetWanted,
} from "./types";

const POLL = 500;
const LIST_POLL = 2_000;

const RECORDS = "/api/imports";
const DEPOSITS = "/api/deposit-imports";

/** One import; while the server is at work on it, it is asked again. */
const oneImport = <T extends AnyImport>(base: string, id: string) =>
  queryOptions({
    queryKey: ["imports", "one", base, id],
    queryFn: ({ signal }) => get<T>(`${base}/${id}`, undefined, signal),
    refetchInterval: (query) => (query.state.data && isRunning(query.state.data.state) ? POLL : false),
    staleTime: 0,
  });

export const importOptions = (id: string) => oneImport<Import>(RECORDS, id);
export const depositImportOptions = (id: string) => oneImport<DepositImport>(DEPOSITS, id);

const manyImports = <T extends AnyImport>(base: string, module: Module | undefined, cursor?: string) =>
  queryOptions({
    queryKey: ["imports", "list", base, module, cursor],
    queryFn: ({ signal }) => getPage<T>(base, { module, limit: PAGE_SIZE, cursor }, signal),
    refetchInterval: (query) =>
      query.state.data?.items.some((item) => isRunning(item.state)) ? LIST_POLL : false,
    staleTime: 0,
  });

export const recentImportsOptions = (module: Module, cursor: string | undefined) =>
  manyImports<Import>(RECORDS, module, cursor);
export const recentDepositImportsOptions = (cursor: string | undefined) =>
  manyImports<DepositImport>(DEPOSITS, undefined, cursor);

type Sent = { file: File; fields: Record<string, string>; signal: AbortSignal };

function useSendFile<T extends AnyImport>(base: string, onProgress: (share: number) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ file, fields, signal }: Sent) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      form.set("file", file);
      return upload<T>(base, form, onProgress, signal);
    },
    onSuccess: (item) => {
      client.setQueryData(oneImport<AnyImport>(base, item.id).queryKey, item);
      return client.invalidateQueries({ queryKey: ["imports", "list"] });
    },
    meta: { ownError: true },
  });
}

/** Sends the file; `onProgress` gets 0..1 while it is on its way. */
export const useUpload = (onProgress: (share: number) => void) => useSendFile<Import>(RECORDS, onProgress);
export const useUploadDeposits = (onProgress: (share: number) => void) =>
  useSendFile<DepositImport>(DEPOSITS, onProgress);

/**
 * Every command answers the import as it is now; the page shows that, then goes on asking. What comes after it belongs
 * into `after` (or after `mutateAsync`): the part of the page that gave the command is gone by then.
 */
function useImportCommand<T extends AnyImport, V>(
  base: string,
  id: string,
  run: (variables: V) => Promise<T>,
  after?: () => void,
) {
  const client = useQueryClient();
  const { queryKey } = oneImport<T>(base, id);
  return useMutation({
    mutationFn: run,
    onSuccess: async (item) => {
      await client.cancelQueries({ queryKey });
      client.setQueryData(oneImport<AnyImport>(base, id).queryKey, item);
      for (const key of MOVED[base] ?? []) void client.invalidateQueries({ queryKey: key });
      after?.();
    },
    // Refused because it has moved on: show where it is.
    onError: () => void client.invalidateQueries({ queryKey }),
    meta: { ownError: true },
  });
}

/** What a command on an import changes besides. */
const MOVED: Record<string, string[][]> = {
  [RECORDS]: [["imports", "list"], ["pools"], ["today"]],
  [DEPOSITS]: [["imports", "list"], ["deposits"], ["reservations"], ["performance"], ["today"]],
};

/** A command of an address of its own: `commit`, `cancel`, `undo`. */
const useVerb = <T extends AnyImport>(base: string, id: string, verb: string, after?: () => void) =>
  useImportCommand<T, undefined>(base, id, () => send<T>("POST", `${base}/${id}/${verb}`), after);

export type ImportChoice = SheetWanted & { mapping?: Mapping; product_id?: string };
export type DepositImportChoice = SheetWanted & { mapping?: DepositMapping };

export const useChoose = (id: string) =>
  useImportCommand(RECORDS, id, (choice: ImportChoice) => send<Import>("PATCH", `${RECORDS}/${id}`, choice));
export const useChooseDeposits = (id: string) =>
  useImportCommand(DEPOSITS, id, (choice: DepositImportChoice) =>
    send<DepositImport>("PATCH", `${DEPOSITS}/${id}`, choice),
  );

export type CommitBody = { name: string; duplicates: DuplicateChoice; reserved: ReservedChoice };

export const useCommit = (id: string) =>
  useImportCommand(RECORDS, id, (body: CommitBody) => send<Import>("POST", `${RECORDS}/${id}/commit`, body));
export const useCommitDeposits = (id: string) =>
  useImportCommand(DEPOSITS, id, (duplicates: DuplicateChoice) =>
    send<DepositImport>("POST", `${DEPOSITS}/${id}/commit`, { duplicates }),
  );

export const useCancel = (id: string) => useVerb<Import>(RECORDS, id, "cancel");
export const useCancelDeposits = (id: string) => useVerb<DepositImport>(DEPOSITS, id, "cancel");

/** `onUndone` is called even though the page shows something else by then. */
export const useUndoImport = (id: string, onUndone: () => void) =>
  useVerb<Import>(RECORDS, id, "undo", onUndone);
export const useUndoDeposits = (id: string, onUndone: () => void) =>
  useVerb<DepositImport>(DEPOSITS, id, "undo", onUndone);

/** Plain links: the browser downloads the file with the session cookie. */
export const rejectedUrl = (id: string, format: "xlsx" | "csv") =>
  `${RECORDS}/${id}/rejected?format=${format}`;
export const rejectedDepositsUrl = (id: string, format: "xlsx" | "csv") =>
  `${DEPOSITS}/${id}/rejected?format=${format}`;
