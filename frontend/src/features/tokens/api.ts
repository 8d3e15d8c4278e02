import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, send } from "@/api/client";
import type { Schemas } from "@/api/schema";

export type ApiToken = Schemas["ApiTokenOut"];
export type Scope = Schemas["Scope"];

const tokensKey = ["tokens"] as const;

/** Where the tokens of somebody are; of oneself, without an id. */
const pathOf = (userId?: string) => (userId ? `/api/users/${userId}/tokens` : "/api/tokens");

export const tokensOptions = (userId?: string) =>
  queryOptions({
    queryKey: [...tokensKey, userId ?? "own"],
    queryFn: ({ signal }) => get<ApiToken[]>(pathOf(userId), undefined, signal),
  });

export function useCreateToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["ApiTokenCreate"]) =>
      send<Schemas["ApiTokenCreated"]>("POST", "/api/tokens", body),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
    meta: { ownError: true },
    // The answer holds the token itself: it is not kept once the dialog is closed.
    gcTime: 0,
  });
}

export function useRevokeToken(userId?: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => send<void>("DELETE", `${pathOf(userId)}/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: tokensKey }),
    meta: { ownError: true },
  });
}
