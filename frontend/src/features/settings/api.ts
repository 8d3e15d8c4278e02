import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReasonCode, reasonCodesOptions } from "@/api/choices";
import { get, send } from "@/api/client";
import type { Schemas } from "@/api/schema";

export type AccessLimits = Schemas["AccessLimitsOut"];

/** Saves which reasons are offered, all of them in their order; shown at once, taken back when refused. */
export function useSaveReasons() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (codes: ReasonCode[]) => send<unknown>("PUT", "/api/settings/reason-codes", { codes }),
    onMutate: async (codes) => {
      await client.cancelQueries({ queryKey: reasonCodesOptions.queryKey });
      const before = client.getQueryData(reasonCodesOptions.queryKey);
      client.setQueryData(reasonCodesOptions.queryKey, codes);
      return { before };
    },
    onError: (_error, _codes, context) => client.setQueryData(reasonCodesOptions.queryKey, context?.before),
    onSettled: () => client.invalidateQueries({ queryKey: reasonCodesOptions.queryKey }),
  });
}

export const accessLimitsOptions = queryOptions({
  queryKey: ["settings", "access-limits"],
  queryFn: ({ signal }) => get<AccessLimits>("/api/settings/access-limits", undefined, signal),
});

export function useSaveAccessLimits() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (limits: Schemas["AccessLimitsUpdate"]) =>
      send<AccessLimits>("PUT", "/api/settings/access-limits", limits),
    onSuccess: (saved) => client.setQueryData(accessLimitsOptions.queryKey, saved),
    meta: { ownError: true },
  });
}
