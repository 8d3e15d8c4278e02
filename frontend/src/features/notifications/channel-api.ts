import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, send } from "@/api/client";
import type { Schemas } from "@/api/schema";

export type Channel = Schemas["ChannelOut"];
export type ChannelMessage = Schemas["ChannelMessageOut"];
export type DigestName = Schemas["Digest"];

export const DIGESTS = ["follow_ups", "at_risk", "daily_summary"] as const satisfies readonly DigestName[];

/** How the channel to the outside is set up; the token is never among it. */
export const channelOptions = queryOptions({
  queryKey: ["channels", "telegram"],
  queryFn: ({ signal }) => get<Channel>("/api/channels/telegram", undefined, signal),
});

export function useSaveChannel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Schemas["ChannelChange"]) => send<Channel>("PUT", "/api/channels/telegram", change),
    onSuccess: (saved) => client.setQueryData(channelOptions.queryKey, saved),
    meta: { ownError: true },
  });
}

export const useSendTest = () =>
  useMutation({ mutationFn: () => send<void>("POST", "/api/channels/telegram/test") });

/** What a digest would tell if it were time now. */
export const previewOptions = (digest: DigestName) =>
  queryOptions({
    queryKey: ["channels", "preview", digest],
    queryFn: ({ signal }) =>
      get<Schemas["DigestPreview"]>(`/api/digests/${digest}/preview`, undefined, signal),
    staleTime: 0,
  });
