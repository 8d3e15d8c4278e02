import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { getPage, send } from "@/api/client";
import type { Schemas } from "@/api/schema";

export type Webhook = Schemas["WebhookOut"];
export type Delivery = Schemas["WebhookDeliveryOut"];
export type HookEvent = Schemas["HookEvent"];
export type HookValues = Schemas["WebhookCreate"];

export const EVENTS = [
  "records.assigned",
  "records.invalid",
  "reservation.started",
  "deposit.counted",
  "deposits.imported",
] as const satisfies readonly HookEvent[];

const hooksKey = ["webhooks"] as const;

export const webhooksOptions = queryOptions({
  queryKey: [...hooksKey, "list"],
  queryFn: ({ signal }) => getPage<Webhook>("/api/webhooks", undefined, signal),
});

/** What was sent to one webhook, the newest first. */
export const deliveriesOptions = (id: string) =>
  infiniteQueryOptions({
    queryKey: [...hooksKey, "deliveries", id],
    queryFn: ({ pageParam, signal }) =>
      getPage<Delivery>(
        `/api/webhooks/${id}/deliveries`,
        { limit: 20, cursor: pageParam ?? undefined },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

function useHookMutation<V, R>(run: (variables: V) => Promise<R>, options: { gcTime?: number } = {}) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: () => client.invalidateQueries({ queryKey: hooksKey }),
    meta: { ownError: true },
    ...options,
  });
}

// Answers that hold a secret are not kept once the dialog is closed.
export const useCreateWebhook = () =>
  useHookMutation((body: HookValues) => send<Schemas["WebhookCreated"]>("POST", "/api/webhooks", body), {
    gcTime: 0,
  });

export const useRenewSecret = () =>
  useHookMutation((id: string) => send<Schemas["WebhookSecret"]>("POST", `/api/webhooks/${id}/secret`), {
    gcTime: 0,
  });

export const useChangeWebhook = () =>
  useHookMutation(({ id, ...patch }: Schemas["WebhookChange"] & { id: string }) =>
    send<Webhook>("PATCH", `/api/webhooks/${id}`, patch),
  );

export const useRemoveWebhook = () =>
  useHookMutation((id: string) => send<void>("DELETE", `/api/webhooks/${id}`));

/** A trial; failures are toasted. */
export function usePing() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => send<Delivery>("POST", `/api/webhooks/${id}/ping`),
    onSettled: () => client.invalidateQueries({ queryKey: hooksKey }),
  });
}

export function useSendAgain(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (delivery: string) =>
      send<Delivery>("POST", `/api/webhooks/${id}/deliveries/${delivery}/redeliver`),
    onSettled: () => client.invalidateQueries({ queryKey: hooksKey }),
  });
}
