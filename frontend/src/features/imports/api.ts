import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPage, send, upload } from "@/api/client";
import type { Module } from "@/features/pools";
import { PAGE_SIZE } from "@/lib/table-search";
import { type DuplicateChoice, type Import, isRunning, type Mapping, type ReservedChoice } from "./types";

const POLL = 500;
const LIST_POLL = 2_000;

export const importOptions = (id: string) =>
  queryOptions({
    queryKey: ["imports", "one", id],
    queryFn: ({ signal }) => get<Import>(`/api/imports/${id}`, undefined, signal),
    refetchInterval: (query) => (query.state.data && isRunning(query.state.data.state) ? POLL : false),
    staleTime: 0,
  });

export const recentImportsOptions = (module: Module, cursor: string | undefined) =>
  queryOptions({
    queryKey: ["imports", "list", module, cursor],
    queryFn: ({ signal }) => getPage<Import>("/api/imports", { module, limit: PAGE_SIZE, cursor }, signal),
    refetchInterval: (query) =>
      query.state.data?.items.some((item) => isRunning(item.state)) ? LIST_POLL : false,
    staleTime: 0,
  });

/** Sends the file; `onProgress` gets 0..1 while it is on its way. */
export function useUpload(onProgress: (share: number) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({
      file,
      module,
      productId,
      signal,
    }: {
      file: File;
      module: Module;
      productId: string;
      signal: AbortSignal;
    }) => {
      const form = new FormData();
      form.set("module", module);
      form.set("product_id", productId);
      form.set("file", file);
      return upload<Import>("/api/imports", form, onProgress, signal);
    },
    onSuccess: (item) => {
      client.setQueryData(importOptions(item.id).queryKey, item);
      return client.invalidateQueries({ queryKey: ["imports", "list"] });
    },
    meta: { ownError: true },
  });
}

/**
 * Every command answers the import as it is now; the page shows that, then goes on asking. What comes after it belongs
 * into `after` (or after `mutateAsync`): the part of the page that gave the command is gone by then.
 */
function useImportCommand<V>(id: string, run: (variables: V) => Promise<Import>, after?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (item) => {
      await client.cancelQueries({ queryKey: importOptions(id).queryKey });
      client.setQueryData(importOptions(id).queryKey, item);
      for (const key of [["imports", "list"], ["pools"], ["today"]]) {
        void client.invalidateQueries({ queryKey: key });
      }
      after?.();
    },
    // Refused because it has moved on: show where it is.
    onError: () => void client.invalidateQueries({ queryKey: importOptions(id).queryKey }),
    meta: { ownError: true },
  });
}

export type ImportChoice = { sheet?: string; header_row?: number; mapping?: Mapping; product_id?: string };

export const useChoose = (id: string) =>
  useImportCommand(id, (choice: ImportChoice) => send<Import>("PATCH", `/api/imports/${id}`, choice));

export type CommitBody = { name: string; duplicates: DuplicateChoice; reserved: ReservedChoice };

export const useCommit = (id: string) =>
  useImportCommand(id, (body: CommitBody) => send<Import>("POST", `/api/imports/${id}/commit`, body));

export const useCancel = (id: string) =>
  useImportCommand(id, () => send<Import>("POST", `/api/imports/${id}/cancel`));

/** `onUndone` is called even though the page shows something else by then. */
export const useUndoImport = (id: string, onUndone: () => void) =>
  useImportCommand(id, () => send<Import>("POST", `/api/imports/${id}/undo`), onUndone);

/** A plain link: the browser downloads it with the session cookie. */
export const rejectedUrl = (id: string, format: "xlsx" | "csv") =>
  `/api/imports/${id}/rejected?format=${format}`;
