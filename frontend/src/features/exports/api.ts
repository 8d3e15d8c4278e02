import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, getPage, newIdempotencyKey, send } from "@/api/client";
import { pageQuery } from "@/lib/table-search";
import type { ExportsSearch } from "./search";
import type {
  Export,
  ExportFilters,
  ExportFormat,
  ExportKind,
  ExportLink,
  ExportOrder,
  ExportPreview,
} from "./types";

const BASE = "/api/exports";
const exportsKey = ["exports"] as const;

/** Progress is told by the stream; where there is none, it is asked for now and then. */
const ASK_AGAIN_MS = 3_000;

export const isOpen = ({ state }: Pick<Export, "state">) => state === "queued" || state === "running";

export const exportsOptions = (search: ExportsSearch) => {
  const { q: _q, ...page } = pageQuery(search);
  return queryOptions({
    queryKey: [...exportsKey, "list", page],
    queryFn: ({ signal }) => getPage<Export>(BASE, page, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.items.some(isOpen) ? ASK_AGAIN_MS : false),
  });
};

export const exportOptions = (id: string) =>
  queryOptions({
    queryKey: [...exportsKey, "one", id],
    queryFn: ({ signal }) => get<Export>(`${BASE}/${id}`, undefined, signal),
    refetchInterval: ({ state }) => (state.data && !isOpen(state.data) ? false : ASK_AGAIN_MS),
  });

const given = (filters: ExportFilters) =>
  Object.fromEntries(
    Object.entries(filters).filter(([, value]) => value !== undefined && value !== ""),
  ) as NonNullable<ExportOrder["filters"]>;

export const previewOptions = (kind: ExportKind, filters: ExportFilters) =>
  queryOptions({
    queryKey: ["exports-preview", kind, given(filters)],
    queryFn: ({ signal }) =>
      send<ExportPreview>("POST", `${BASE}/preview`, { kind, filters: given(filters) }, { signal }),
    staleTime: 0,
    gcTime: 0,
  });

export function useOrderExport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ filters, ...order }: OrderWanted) =>
      send<Export>(
        "POST",
        BASE,
        { ...order, filters: given(filters) },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: exportsKey }),
    meta: { ownError: true },
  });
}

type OrderWanted = {
  kind: ExportKind;
  format: ExportFormat;
  language: ExportOrder["language"];
  filters: ExportFilters;
};

function useExportCommand(command: "cancel" | "restart") {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => send<Export>("POST", `${BASE}/${id}/${command}`),
    onSettled: () => client.invalidateQueries({ queryKey: exportsKey }),
  });
}

export const useCancelExport = () => useExportCommand("cancel");
export const useRestartExport = () => useExportCommand("restart");

/** Fetches the file by a link of its own, which is valid for some minutes. */
export function useDownload() {
  return useMutation({
    mutationFn: (id: string) => send<ExportLink>("POST", `${BASE}/${id}/link`),
    onSuccess: ({ url }) => {
      const link = document.createElement("a");
      link.href = url;
      link.download = "";
      link.click();
    },
  });
}
